#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/source.h"
#include "source/walk.h"

enum { BLOCK = 1 << 17 };

typedef struct Reader {
    struct archive *archive;
    char *name; /* for messages */
    char *path; /* of the member before the one that could not be found, or NULL */
    locale_t locale;
} Reader;

static int failed(const Reader *reader, Err *err)
{
    const char *reason = archive_error_string(reader->archive);
    return err_set(err, "%s: %s%s%s%s", reader->name, reason != NULL ? reason : "damaged",
                   reader->path != NULL ? " (after " : "", reader->path != NULL ? reader->path : "",
                   reader->path != NULL ? ")" : "");
}

static void close_reader(void *state)
{
    Reader *reader = state;
    archive_read_free(reader->archive);
    if (reader->locale != NULL)
        freelocale(reader->locale);
    free(reader->name);
    free(reader->path);
    free(reader);
}

static void say_kind(Member *member, struct archive_entry *entry)
{
    const char *problem = "";
    if (archive_entry_hardlink(entry) != NULL)
        problem = "a hard link to another member, not a file of its own";
    else if (archive_entry_filetype(entry) == AE_IFLNK)
        problem = "a symbolic link, which is not followed";
    else if (archive_entry_filetype(entry) != AE_IFREG)
        problem = "not a regular file";
    else if (archive_entry_is_encrypted(entry))
        problem = "encrypted";
    snprintf(member->problem, sizeof member->problem, "%s", problem);
}

static bool is_ascii(const char *text)
{
    while (*text > 0 && *text < 127)
        text++;
    return *text == '\0';
}

/* In UTF-8; names that libarchive cannot convert come as the bytes they are. It converts by way of
 * wide characters, which most names can do without. */
static const char *path_of(struct archive_entry *entry)
{
    const char *plain = archive_entry_pathname(entry);
    if (plain != NULL && is_ascii(plain))
        return plain;
    const char *path = archive_entry_pathname_utf8(entry);
    return path != NULL ? path : plain;
}

static int find_member(Reader *reader, Member *member, Err *err)
{
    struct archive_entry *entry;
    int rc;
    do {
        rc = archive_read_next_header(reader->archive, &entry);
        if (rc == ARCHIVE_EOF)
            return 0;
        /* A warning is about owners or the spelling of a name, of no concern here. */
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
            return failed(reader, err);
    } while (archive_entry_filetype(entry) == AE_IFDIR);
    const char *path = path_of(entry);
    if (path == NULL)
        return err_set(err, "%s: a member without a name", reader->name);
    free(reader->path);
    reader->path = strdup(path);
    if (reader->path == NULL)
        return err_memory(err, "a path", strlen(path));
    member->path = reader->path;
    say_kind(member, entry);
    return 1;
}

/* libarchive loses names from zip and 7z that the locale has no characters for, so while it looks
 * for a member this thread has one of UTF-8, whatever that of the process. */
static int next_member(void *state, Member *member, Err *err)
{
    Reader *reader = state;
    if (reader->locale == NULL)
        return find_member(reader, member, err);
    locale_t before = uselocale(reader->locale);
    int rc = find_member(reader, member, err);
    uselocale(before);
    return rc;
}

static int read_member(void *state, Member *member, Bytes *bytes, Err *err)
{
    Reader *reader = state;
    bytes->size = 0;
    for (;;) {
        if (bytes_grow(bytes, BLOCK, err) != 0)
            return -1;
        la_ssize_t got = archive_read_data(reader->archive, bytes->data + bytes->size,
                                           bytes->room - bytes->size);
        if (got == 0)
            return 1;
        if (got == ARCHIVE_FATAL)
            return failed(reader, err);
        if (got < 0) {
            const char *reason = archive_error_string(reader->archive);
            snprintf(member->problem, sizeof member->problem, "damaged: %s",
                     reason != NULL ? reason : "unreadable");
            return 0;
        }
        bytes->size += (size_t)got;
        if (bytes->size > SOURCE_MAX_MEMBER) {
            snprintf(member->problem, sizeof member->problem, "larger than the limit of %u bytes",
                     SOURCE_MAX_MEMBER);
            return 0;
        }
    }
}

/* Those filters and formats that need no other program and no trust. */
static void choose_formats(struct archive *archive)
{
    archive_read_support_filter_gzip(archive);
    archive_read_support_filter_bzip2(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_filter_lzma(archive);
    archive_read_support_filter_zstd(archive);
    archive_read_support_filter_lz4(archive);
    archive_read_support_format_tar(archive);
    archive_read_support_format_zip(archive);
    archive_read_support_format_7zip(archive);
    archive_read_support_format_cpio(archive);
}

int archive_walk(Walk *walk, const char *operand, Err *err)
{
    Reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return err_memory(err, "an archive", sizeof *reader);
    bool standard = strcmp(operand, "-") == 0;
    reader->name = strdup(standard ? "standard input" : operand);
    reader->archive = archive_read_new();
    reader->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    walk->state = reader;
    walk->next = next_member;
    walk->read = read_member;
    walk->close = close_reader;
    if (reader->name == NULL || reader->archive == NULL) {
        close_reader(reader);
        return err_memory(err, "an archive", sizeof *reader);
    }
    choose_formats(reader->archive);
    int rc = standard ? archive_read_open_fd(reader->archive, STDIN_FILENO, BLOCK)
                      : archive_read_open_filename(reader->archive, operand, BLOCK);
    if (rc == ARCHIVE_OK)
        return 0;
    failed(reader, err);
    close_reader(reader);
    return -1;
}
