/* eval/pairs: LFW's lists and the rows they name */
#include <unistd.h>

#include "eval/pairs.h"
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
    pairs_free(&list);
}

static void test_view_1(void)
{
    PairList list;
    Err err;
    CHECK(read_text(&list, "2\nA 1 2\nA 1 3\nA 1 B 1\nA 2 B 1\n\n", &err) == 0 && list.folds == 1 &&
              list.pairs == 4 && list.pair[1].same && !list.pair[2].same,
          "View 1, one number, an empty line at the end");
    pairs_free(&list);
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
        {"2\nA 1 2\nA 1 3\nA 1 B 1\n", "line 4"},
        {"1\nA 1\nA 1 B 1\n", "line 2"},
        {"1\nA 1 B 2\nA 1 B 1\n", "line 2"},
        {"1\nA 1 2\nA 1 2\n", "line 3"},
        {"1\nA 1 2 3 4\nA 1 B 1\n", "line 2"},
        {"1\nA 1 2x\nA 1 B 1\n", "line 2"},
        {"1\nA 0 2\nA 1 B 1\n", "line 2"},
        {"1\nA 1 2\nA 1 B 1\nC 1 2\n", "line 4"},
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
static EvalRows rows_of_keys(const char **key, int n, char *bytes, int64_t *end)
{
    int64_t at = 0;
    for (int i = 0; i < n; i++) {
        memcpy(bytes + at, key[i], strlen(key[i]));
        end[i] = at += (int64_t)strlen(key[i]);
    }
    return (EvalRows){.n = n, .key = bytes, .key_end = end};
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
    EvalRows rows = rows_of_keys(key, 8, bytes, end);
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
    pairs_free(&list);
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
    pairs_free(&list);
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
    test_lfw();
    unlink(path);
    return END_TESTS();
}
