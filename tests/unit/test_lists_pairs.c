/* lists/pairs: lists of pairs in every form, and the rows they name */
#include <unistd.h>

#include "lists/pairs_internal.h"
#include "unit.h"

static char path[64] = "/tmp/test_pairs.XXXXXX";

static int read_text(PairList *list, const char *text, Err *err)
{
    FILE *f = fopen(path, "w");
    if (f == NULL)
        return -1;
    fputs(text, f);
    fclose(f);
    *err = (Err){0};
    return pairs_read(list, path, err);
}

static bool is(const PairList *list, int64_t pair, int side, const char *name, int number)
{
    const PairImage *image = &list->image[list->pair[pair].image[side]];
    return image->length == (int)strlen(name) && memcmp(image->name, name, strlen(name)) == 0 &&
           image->number == number;
}

static void test_view_2(void)
{
    PairList list;
    Err err;
    int rc = read_text(&list, "2\t1\nAnn_B\t1\t4\nAnn_B\t1\tCy\t1\r\nCy  2 3\nCy 3 Ann 1\n", &err);
    CHECK(rc == 0 && list.pairs == 4 && list.folds == 2, "two folds of two pairs %s", err.text);
    CHECK(is(&list, 0, 0, "Ann_B", 1) && is(&list, 0, 1, "Ann_B", 4) &&
              is(&list, 1, 0, "Ann_B", 1) && is(&list, 1, 1, "Cy", 1) && is(&list, 2, 0, "Cy", 2) &&
              is(&list, 2, 1, "Cy", 3) && is(&list, 3, 1, "Ann", 1),
          "names and numbers, by tabs, spaces and CR LF");
    CHECK(list.pair[0].same && !list.pair[1].same && list.pair[2].same && list.pair[1].fold == 0 &&
              list.pair[2].fold == 1,
          "kinds and folds");
    CHECK(list.images == 6, "six different images of eight mentions");
    pairs_release(&list);
}

static void test_view_1(void)
{
    PairList list;
    Err err;
    CHECK(read_text(&list, "2\nA 1 2\nA 1 3\nA 1 B 1\nA 2 B 1\n\n", &err) == 0 && list.folds == 1 &&
              list.pairs == 4 && list.pair[1].same && !list.pair[2].same,
          "View 1, one number, an empty line at the end");
    pairs_release(&list);
}

static void test_bad(void)
{
    static const char *bad[][2] = {
        {"", "line 1"},
        {"x\n", "line 1"},
        {"0 3\n", "line 1"},
        {"-1\n", "line 1"},
        {"1 2 3\n", "line 1"},
        {"99999999999999999999 3\n", "line 1"},
        {"1000000000 1000000000\n", "too many"},
        {"100 100\nA 1 2\n", "too short"},
        {"2\nA 1 2\nA 1 3\nA 1 B 1\n", "too short"},
        {"2\nAnnabel 1 2\nAnnabel 1 3\nAnnabel 1 Bo 1\n", "line 4"},
        {"1\nA 1\nA 1 B 1\n", "line 2"},
        {"1\nA 1 B 2\nA 1 B 1\n", "line 2"},
        {"1\nA 1 2\nA 1 2\n", "line 3"},
        {"1\nA 1 2 3 4\nA 1 B 1\n", "line 2"},
        {"1\nA 1 2x\nA 1 B 1\n", "line 2"},
        {"1\nA 0 2\nA 1 B 1\n", "line 2"},
        {"1\nA 1 2\nA 1 B 1\nC 1 2\n", "line 4"},
        {"a b c d e\n", "line 1"},
        {"a.jpg b.jpg 1\na.jpg b.jpg 2\n", "line 2"},
        {"a.jpg b.jpg 1\na.jpg b.jpg\n", "line 2"},
        {"m.1 1 2\nm.1 1 m.2\n", "line 2"},
        {"a.jpg 1\nb.jpg 1\nc.jpg x\n", "line 3"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        PairList list;
        Err err;
        CHECK(read_text(&list, bad[i][0], &err) == -1 && strstr(err.text, bad[i][1]) != NULL &&
                  strstr(err.text, path) != NULL && list.text == NULL,
              "refused: %s", err.text);
    }
    PairList list;
    Err err = {0};
    CHECK(pairs_read(&list, "/nowhere/pairs", &err) == -1, "no file: %s", err.text);
}

/* rows with these keys */
static EmbeddingRows rows_of_keys(const char **key, int n, char *bytes, int64_t *end)
{
    int64_t at = 0;
    for (int i = 0; i < n; i++) {
        memcpy(bytes + at, key[i], strlen(key[i]));
        end[i] = at += (int64_t)strlen(key[i]);
    }
    return (EmbeddingRows){.n = n, .key = bytes, .key_end = end};
}

static int64_t row_of(const PairList *list, int64_t pair, int side)
{
    return list->image[list->pair[pair].image[side]].row;
}

static void test_match(void)
{
    const char *key[] = {"lfw/A/A_0002.jpg", "A_b._C_0001",  "readme", "A_0003.jpg.txt",
                         "x/A_0001.png",     "lfw/A_b._C/A", "_0001",  ""};
    char bytes[200];
    int64_t end[9];
    PairList list;
    Err err;
    read_text(&list, "1\nA 1 2\nA_b._C 1 A 3\n", &err);
    EmbeddingRows rows = rows_of_keys(key, 8, bytes, end);
    CHECK(pairs_match(&list, &rows, &err) == 1 && row_of(&list, 0, 0) == 4 &&
              row_of(&list, 0, 1) == 0 && row_of(&list, 1, 0) == 1 && row_of(&list, 1, 1) == -1,
          "rows found by the end of their keys; one image missing");
    key[5] = "mirrored/A/A_0002.jpg";
    rows = rows_of_keys(key, 8, bytes, end);
    CHECK(pairs_match(&list, &rows, &err) == -1 && strstr(err.text, "lfw/A/A_0002.jpg") != NULL &&
              strstr(err.text, key[5]) != NULL,
          "two rows for one image: %s", err.text);
    err = (Err){0};
    key[5] = "other/Z_0002.jpg";
    key[7] = "more/Z_0002.jpg";
    rows = rows_of_keys(key, 8, bytes, end);
    CHECK(pairs_match(&list, &rows, &err) == 1, "images of no pair may have one name");
    rows.key = NULL;
    CHECK(pairs_match(&list, &rows, &err) == 4, "without keys all are missing");
    pairs_release(&list);
}

static bool is_path(const PairList *list, int64_t pair, int side, const char *name)
{
    return is(list, pair, side, name, 0);
}

static void test_paths(void)
{
    const char *key[] = {"agedb/x/1.png", "agedb/x/2.png", "agedb/y/1.png", "x/3.png"};
    char bytes[100];
    int64_t end[4];
    PairList list;
    Err err;
    CHECK(read_text(&list, "x/1.jpg x/2.jpg 1\nx/1.jpg\ty/1.jpg\t0\n\ny/1.jpg,x/2.jpg,-1\n",
                    &err) == 0 &&
              list.pairs == 3 && list.folds == 1 && list.images == 3 && list.components == 2 &&
              list.pair[0].same && !list.pair[1].same && !list.pair[2].same &&
              is_path(&list, 0, 0, "x/1") && is_path(&list, 2, 0, "y/1"),
          "two paths and a kind %s", err.text);
    EmbeddingRows rows = rows_of_keys(key, 4, bytes, end);
    CHECK(pairs_match(&list, &rows, &err) == 0 && row_of(&list, 1, 0) == 0 &&
              row_of(&list, 1, 1) == 2 && row_of(&list, 0, 1) == 1,
          "found by the path's components, whatever the extension");
    pairs_release(&list);
    CHECK(read_text(&list, "x/1.jpg x/2.jpg 1\n1.jpg x/2.jpg 0\n", &err) == -1 &&
              strstr(err.text, "components") != NULL,
          "paths of other depths: %s", err.text);
}

/* Writes n lines of which line i is made of i; returns 0 as read_text does. */
static int read_lines(PairList *list, int n, const char *even, const char *odd, Err *err)
{
    char text[4096];
    size_t length = 0;
    for (int i = 0; i < n; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, i % 2 == 0 ? even : odd, i,
                                   i + 1);
    return read_text(list, text, err);
}

static void test_ten_folds(void)
{
    PairList list;
    Err err;
    int fold[23], want[23], size = 0;
    CHECK(read_lines(&list, 23, "a%d.jpg b%d.jpg 1\n", "a%d.jpg b%d.jpg 0\n", &err) == 0 &&
              list.folds == 10 && list.pairs == 23,
          "23 pairs in ten folds %s", err.text);
    for (int i = 0; i < 23; i++) {
        fold[i] = list.pair[i].fold;
        want[size++] = i < 9 ? i / 3 : (i - 3) / 2;
    }
    CHECK(memcmp(fold, want, sizeof fold) == 0, "three folds of three, seven of two, in order");
    pairs_release(&list);
    CHECK(read_lines(&list, 20, "m.%d 1 %d\n", "m.%d 1 m.%d 2\n", &err) == 0 && list.folds == 10 &&
              list.components == 0 && list.pair[0].same && !list.pair[1].same &&
              is(&list, 1, 1, "m.2", 2) && list.pair[19].fold == 9,
          "RFW: LFW's lines without the first %s", err.text);
    pairs_release(&list);
}

static void test_two_lines(void)
{
    PairList list;
    Err err;
    char text[4096];
    size_t length = 0;
    for (int i = 0; i < 40; i++) /* 20 genuine pairs, then 20 others */
        length +=
            (size_t)snprintf(text + length, sizeof text - length, "%c_%d.jpg %d\n%c_%d.jpg 9\n",
                             'a', i, i < 20 ? 1 + i / 2 : 0, 'b', i);
    CHECK(read_text(&list, text, &err) == 0 && list.pairs == 40 && list.images == 80 &&
              list.pair[19].same && !list.pair[20].same && is_path(&list, 3, 1, "b_3"),
          "CALFW: two lines a pair, the first one's kind %s", err.text);
    CHECK(list.folds == 10 && list.pair[3].fold == 1 && list.pair[23].fold == 1 &&
              list.pair[19].fold == 9 && list.pair[20].fold == 0,
          "each fold has a tenth of either kind");
    pairs_release(&list);
    text[length - strlen("b_39.jpg 9\n")] = '\0';
    CHECK(read_text(&list, text, &err) == -1 && strstr(err.text, "line 79, within a pair") != NULL,
          "half a pair: %s", err.text);
}

static void test_lfw(void)
{
    const char *data = getenv("FACE_DATA");
    char name[512];
    PairList list;
    Err err = {0};
    snprintf(name, sizeof name, "%s/lfw/pairs.txt", data != NULL ? data : "../shared/data");
    if (access(name, R_OK) != 0) {
        CHECK(true, "LFW's pairs.txt # skip not there");
        return;
    }
    CHECK(pairs_read(&list, name, &err) == 0 && list.folds == 10 && list.pairs == 6000 &&
              list.images == 7701 && is(&list, 0, 0, "Abel_Pacheco", 1) &&
              is(&list, 0, 1, "Abel_Pacheco", 4) && list.pair[5999].fold == 9,
          "LFW's pairs.txt: %lld images %s", (long long)list.images, err.text);
    pairs_release(&list);
}

int main(void)
{
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    close(fd);
    test_view_2();
    test_view_1();
    test_bad();
    test_match();
    test_paths();
    test_ten_folds();
    test_two_lines();
    test_lfw();
    unlink(path);
    return END_TESTS();
}
