/* source/: paths, names, tables, classes; archives and folders */
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path_internal.h"
#include "lists/classes_internal.h"
#include "lists/table_internal.h"
#include "source/labels_internal.h"
#include "source/source_internal.h"
#include "unit.h"

static char dir[] = "/tmp/test_source.XXXXXX";

static const char *path_of(const char *name)
{
    static char path[4][300];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

static const char *put(const char *name, const void *bytes, size_t n)
{
    const char *path = path_of(name);
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
        exit(1);
    return path;
}

static const char *put_text(const char *name, const char *text)
{
    return put(name, text, strlen(text));
}

static void test_path(void)
{
    size_t size = 0;
    CHECK(strcmp(path_clean("../.././/a/b"), "a/b") == 0, "a path is cleaned in front");
    CHECK(strcmp(path_base("a/b"), "b") == 0 && strcmp(path_base("b"), "b") == 0, "the base");
    CHECK(path_hidden(".a") && path_hidden("a/.b") && path_hidden("a/.b/c") &&
              path_hidden("__MACOSX/a") && !path_hidden("a/b.c") && !path_hidden("__MACOSX"),
          "what is hidden");
    const char *folder = path_folder("set/Ann/front/1.jpg", 1, &size);
    CHECK(folder != NULL && size == 5 && strncmp(folder, "front", 5) == 0, "one folder up");
    folder = path_folder("set/Ann/front/1.jpg", 2, &size);
    CHECK(folder != NULL && size == 3 && strncmp(folder, "Ann", 3) == 0, "two folders up");
    CHECK(path_folder("set/Ann/front/1.jpg", 4, &size) == NULL, "there is no fourth");
    CHECK(path_folder("1.jpg", 1, &size) == NULL, "no folder at all");
}

static void test_names(void)
{
    Err err = {0};
    Names names = {0};
    char text[32];
    bool right = names_find(&names, "x", 1) == -1;
    for (int i = 0; i < 5000; i++) {
        int size = snprintf(text, sizeof text, "name %d", (i * 7919) % 5000);
        right = right && names_add(&names, text, (size_t)size, &err) == i;
    }
    CHECK(right && names.n == 5000, "5000 names are numbered as they come");
    CHECK(names_add(&names, "name 0", 6, &err) == 0 && names.n == 5000, "once each");
    CHECK(names_find(&names, "name 12345", 7) == names_find(&names, "name 12", 7) &&
              names_find(&names, "name", 4) == -1,
          "a text is as long as it is said to be");
    names_sort(&names, &err);
    for (int64_t i = 1; i < names.n; i++)
        right = right && strcmp(names_at(&names, i - 1), names_at(&names, i)) < 0;
    CHECK(right && names_find(&names, "name 1", 6) == 1, "sorted, and found by the new number");
    names_release(&names);
}

static bool refused(const char *text, int columns, const char *message)
{
    Err err = {0};
    Table table;
    char expected[400];
    const char *file = put_text("table", text);
    int rc = table_read(&table, file, columns, &err);
    if (rc == 0)
        table_release(&table);
    snprintf(expected, sizeof expected, "%s: %s", file, message);
    return unit_check(rc == -1 && strcmp(err.text, expected) == 0, __FILE__, __LINE__, "%s",
                      err.text);
}

static void test_table(void)
{
    Err err = {0};
    Table table;
    const char *file =
        put_text("table", "./a/x y.jpg\t1 2\r\n\n  b.jpg   -3.5\t4e1  \nx/b.jpg 5 6");
    CHECK(table_read(&table, file, 2, &err) == 0 && table.paths.n == 3, "three lines %s", err.text);
    int64_t row = table_find(&table, "a/x y.jpg");
    CHECK(row == 0 && table_row(&table, row)[1] == 2, "a path with a space");
    row = table_find(&table, "c/d/b.jpg");
    CHECK(row == 1 && table_row(&table, row)[0] == -3.5 && table_row(&table, row)[1] == 40 &&
              table.line[row] == 3,
          "found by its end");
    CHECK(table_find(&table, "c/x/b.jpg") == 2, "by the longest end");
    CHECK(table_find(&table, "cb.jpg") == -1, "only at a slash");
    table_release(&table);
    refused("a 1\nb\n", 1, "line 2: not a path and 1 number");
    refused("a 1 2\n\nb 1\n", 2, "line 3: not a path and 2 numbers");
    refused("a 1\nb x\n", 1, "line 2: 'x' is not a number");
    refused("a 1\nb nan\n", 1, "line 2: 'nan' is not a number");
    refused("a 1\nc 2\n./a 2\n", 1, "line 3: a is already in line 1");
    refused("\n", 1, "empty");
    CHECK(table_read(&table, path_of("nothing"), 1, &err) == -1, "%s", err.text);
}

static void test_classes(void)
{
    Err err = {0};
    Names names = {0}, back = {0};
    names_add(&names, "Zo\xc3\xab", 4, &err);
    names_add(&names, "Ann Lee", 7, &err);
    const char *file = path_of("classes");
    CHECK(classes_write(&names, file, &err) == 0 && classes_read(&back, file, &err) == 0 &&
              back.n == 2 && strcmp(names_at(&back, 1), "Ann Lee") == 0,
          "classes come back %s", err.text);
    names_release(&back);
    CHECK(classes_read(&back, put_text("classes", "a\nb\na\n"), &err) == -1 &&
              strstr(err.text, "line 3: a is already in line 1") != NULL,
          "%s", err.text);
    names_release(&back);
    err = (Err){0};
    CHECK(classes_read(&back, put_text("classes", "a\n\n"), &err) == -1 &&
              strstr(err.text, "line 2: not a name") != NULL,
          "%s", err.text);
    names_release(&back);
    err = (Err){0};
    names_add(&names, "a\nb", 3, &err);
    CHECK(classes_write(&names, path_of("bad"), &err) == -1 && access(path_of("bad"), F_OK) != 0,
          "%s", err.text);
    names_release(&names);
}

/* The members of every archive, in this order. */
static const struct {
    const char *path, *text;
} members[] = {{"set/Ann/1.ppm", "one"},
               {"set/Ann/2.ppm", "two"},
               {"set/Zo\xc3\xab/1.ppm", "three"},
               {"set/.DS_Store", "junk"},
               {"set/notes.txt", "words"}};
enum { MEMBERS = sizeof members / sizeof members[0] };

/* libarchive converts names by the locale when it writes; the tools that read never set one. */
static const char *make_archive(const char *name, int format, int filter)
{
    const char *path = path_of(name);
    setlocale(LC_CTYPE, "C.UTF-8");
    struct archive *a = archive_write_new();
    archive_write_set_format(a, format);
    archive_write_add_filter(a, filter);
    if (archive_write_open_filename(a, path) != ARCHIVE_OK)
        exit(1);
    for (int i = 0; i < MEMBERS; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, members[i].path);
        archive_entry_set_size(entry, (la_int64_t)strlen(members[i].text));
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_write_header(a, entry);
        archive_write_data(a, members[i].text, strlen(members[i].text));
        archive_entry_free(entry);
    }
    archive_write_close(a);
    archive_write_free(a);
    setlocale(LC_CTYPE, "C");
    return path;
}

/* "path=text;" of every item, "path!problem;" of those with one; then the error, if any. */
static const char *listing(const char *operand, const char *exclude)
{
    static char text[4096];
    Err err = {0};
    Item item;
    SourceOptions options = {
        .operand = &operand, .operands = 1, .exclude = &exclude, .excludes = exclude != NULL};
    Source *source = source_open(&options, &err);
    size_t used = 0;
    int rc;
    text[0] = '\0';
    while ((rc = source_next(source, &item, &err)) > 0 && used < sizeof text - 600)
        used += (size_t)(item.problem != NULL
                             ? snprintf(text + used, 600, "%s!%s;", item.path, item.problem)
                             : snprintf(text + used, 600, "%s=%.*s;", item.path, (int)item.size,
                                        (const char *)item.bytes));
    if (rc < 0)
        snprintf(text + used, sizeof text - used, "error: %s", err.text);
    source_close(source);
    return text;
}

static const char same[] =
    "set/Ann/1.ppm=one;set/Ann/2.ppm=two;set/Zo\xc3\xab/1.ppm=three;set/notes.txt=words;";

static void test_archives(void)
{
    static const struct {
        const char *name;
        int format, filter;
    } kinds[] = {{"a.tar", ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, ARCHIVE_FILTER_NONE},
                 {"a.ustar", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE},
                 {"a.tar.gz", ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_GZIP},
                 {"a.tar.zst", ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, ARCHIVE_FILTER_ZSTD},
                 {"a.tar.xz", ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, ARCHIVE_FILTER_XZ},
                 {"a.cpio", ARCHIVE_FORMAT_CPIO, ARCHIVE_FILTER_NONE},
                 {"a.zip", ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE},
                 {"a.7z", ARCHIVE_FORMAT_7ZIP, ARCHIVE_FILTER_NONE}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const char *path = make_archive(kinds[i].name, kinds[i].format, kinds[i].filter);
        const char *found = listing(path, NULL);
        CHECK(strcmp(found, same) == 0, "%s: %s", kinds[i].name, found);
    }
    const char *found = listing(path_of("a.tar"), "*.txt");
    CHECK(strstr(found, "notes") == NULL && strstr(found, "three") != NULL, "excluded: %s", found);
    found = listing(path_of("a.tar"), "set/Ann/*");
    CHECK(strstr(found, "Ann") == NULL && strstr(found, "words") != NULL, "excluded: %s", found);
}

static void test_folder(void)
{
    mkdir(path_of("set"), 0755);
    mkdir(path_of("set/Zo\xc3\xab"), 0755);
    mkdir(path_of("set/Ann"), 0755);
    for (int i = MEMBERS; i-- > 0;)
        put_text(members[i].path, members[i].text);
    const char *found = listing(path_of("set"), NULL);
    CHECK(strcmp(found, same) == 0, "folder: %s", found);
    found = listing(path_of("set/"), NULL);
    CHECK(strcmp(found, same) == 0, "folder with a slash: %s", found);
    CHECK(chdir(path_of("set")) == 0 && strncmp(listing(".", NULL), "Ann/1.ppm=one;", 14) == 0,
          "'.' has no name");
    CHECK(symlink("1.ppm", path_of("set/Ann/3.ppm")) == 0, "a link is made");
    found = listing(path_of("set/Ann"), NULL);
    CHECK(strcmp(found, "Ann/1.ppm=one;Ann/2.ppm=two;Ann/3.ppm=one;") == 0, "followed: %s", found);
    CHECK(symlink("4.ppm", path_of("set/Ann/4.ppm")) == 0, "one that leads nowhere");
    found = listing(path_of("set/Ann"), NULL);
    CHECK(strstr(found, "Ann/4.ppm!a symbolic link to 4.ppm, which cannot be found;") != NULL, "%s",
          found);
    unlink(path_of("set/Ann/4.ppm"));
    unlink(path_of("set/Ann/3.ppm"));
    const char *file = put("set/p.pgm", "P5 1 1 255 x", 12);
    found = listing(file, NULL);
    CHECK(strstr(found, "set/p.pgm=P5 1 1 255 x;") != NULL, "a single image: %s", found);
    found = listing(path_of("set/notes.txt"), NULL);
    CHECK(strstr(found, "error: ") != NULL && strstr(found, "notes.txt") != NULL, "%s", found);
    found = listing(path_of("nowhere"), NULL);
    CHECK(strstr(found, "No such file") != NULL, "%s", found);
}

/* A compressed archive cut anywhere is an error; a plain one may lose members, never crash. */
static void test_cuts(void)
{
    static char bytes[1 << 16];
    static const char *const names[] = {"a.tar.gz", "a.tar.zst", "a.7z", "a.tar", "a.cpio"};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        FILE *f = fopen(path_of(names[k]), "rb");
        size_t size = fread(bytes, 1, sizeof bytes, f), accepted = 0, invented = 0;
        fclose(f);
        for (size_t cut = 0; cut<size; cut += size> 1000 ? 37 : 1) {
            const char *found = listing(put("cut", bytes, cut), NULL);
            accepted += strcmp(found, same) == 0;
            invented +=
                strncmp(found, same, strcspn(found, "!")) != 0 && strstr(found, "error: ") == NULL;
        }
        CHECK((accepted == 0 || k >= 3) && invented == 0, "%s of %zu bytes, cut", names[k], size);
    }
}

static void test_labels(void)
{
    Err err = {0};
    Labels labels;
    const char *tar = path_of("a.tar");
    SourceOptions source = {.operand = &tar, .operands = 1};
    int64_t row, label;
    CHECK(labels_init(&labels, &(LabelOptions){.level = 1}, &source, &err) == 0 &&
              labels.classes.n == 3 && labels_want(&labels, "set/Zo\xc3\xab/1.ppm", &row) &&
              labels_of(&labels, "set/Zo\xc3\xab/1.ppm", row, NULL, &label, &err) == 0 &&
              label == 1,
          "folders are numbered by their names: Ann, Zoe, set %s", err.text);
    CHECK(labels_of(&labels, "1.ppm", -1, NULL, &label, &err) == 0 && label == -1, "no folder");
    labels_release(&labels);
    LabelOptions list = {.list = put_text("list", "Ann/1.ppm 7\nBob/1.ppm 8\n")};
    CHECK(labels_init(&labels, &list, &source, &err) == 0 &&
              labels_want(&labels, "set/Ann/1.ppm", &row) &&
              labels_of(&labels, "set/Ann/1.ppm", row, NULL, &label, &err) == 0 && label == 7 &&
              !labels_want(&labels, "set/Ann/2.ppm", &row),
          "a list says which to take, and their labels");
    CHECK(labels_unmet(&labels, &err) == 1 && strstr(err.text, "line 2: no image Bob/1.ppm"), "%s",
          err.text);
    labels_release(&labels);
    err = (Err){0};
    list.list = put_text("list", "a 0\nb -2\n");
    CHECK(labels_init(&labels, &list, &source, &err) == -1 && strstr(err.text, "line 2: "), "%s",
          err.text);
    err = (Err){0};
    list.list = put_text("list", "a 0\nb 1\nc 2\n");
    list.classes = put_text("classes", "x\ny\n");
    CHECK(labels_init(&labels, &list, &source, &err) == -1 &&
              strstr(err.text, "line 3: the label 2 is not an integer in -1 .. 1"),
          "%s", err.text);
}

int main(void)
{
    if (mkdtemp(dir) == NULL)
        return 1;
    test_path();
    test_names();
    test_table();
    test_classes();
    test_archives();
    test_folder();
    test_cuts();
    test_labels();
    char remove[64];
    snprintf(remove, sizeof remove, "rm -rf %s", dir);
    bool removed = chdir("/") == 0 && system(remove) == 0;
    return END_TESTS() || !removed;
}
