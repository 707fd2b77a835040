/* base/: arrays and bytes that grow, the lines of a text */
#include <limits.h>

#include "base/array_internal.h"
#include "base/bytes_internal.h"
#include "base/lines_internal.h"
#include "unit.h"

typedef struct Wide {
    char bytes[24];
} Wide;

/* Fills an array one by one, with a count of each type: it grows by half, and keeps what it has. */
#define TEST_GROWTH(type)                                                                          \
    do {                                                                                           \
        type room = 0, before = 0, n = 0;                                                          \
        int *array = NULL, moves = 0, kept = 0;                                                    \
        for (; n < 1000 && array_fit(array, room, n + 1); n++) {                                   \
            moves += room != before;                                                               \
            before = room;                                                                         \
            array[n] = (int)n;                                                                     \
        }                                                                                          \
        for (type i = 0; i < n; i++)                                                               \
            kept += array[i] == (int)i;                                                            \
        CHECK(n == 1000 && kept == 1000 && room >= n && room < 2 * n, #type ": 1000 elements");    \
        CHECK(moves > 3 && moves < 10, #type ": %d moves", moves);                                 \
        before = room;                                                                             \
        CHECK(array_fit(array, room, room) && array_fit(array, room, 0) && room == before,         \
              #type ": what fits moves nothing");                                                  \
        type all = 5 * room;                                                                       \
        CHECK(array_fit(array, room, all) && room == all, #type ": more than twice, just so");     \
        free(array);                                                                               \
    } while (0)

/* Refused before anything is asked for; array and room stay. */
#define TEST_REFUSAL(type, need)                                                                   \
    do {                                                                                           \
        type room = 0;                                                                             \
        Wide *array = NULL;                                                                        \
        Err err = {0};                                                                             \
        bool made = array_fit(array, room, 3);                                                     \
        Wide *at = array;                                                                          \
        type was = room;                                                                           \
        CHECK(made && !array_fit(array, room, need) && array == at && room == was,                 \
              #type ": %s elements are refused", #need);                                           \
        CHECK(array_reserve(array, room, need, "much", &err) == -1 && array == at &&               \
                  strstr(err.text, "out of memory") != NULL && strstr(err.text, "much") != NULL,   \
              #type ": %s", err.text);                                                             \
        free(array);                                                                               \
    } while (0)

static void test_fit(void)
{
    TEST_GROWTH(int);
    TEST_GROWTH(int64_t);
    TEST_GROWTH(size_t);
    TEST_REFUSAL(int64_t, INT64_MAX);
    TEST_REFUSAL(int64_t, INT64_MAX / 24 + 1);
    TEST_REFUSAL(size_t, SIZE_MAX);
    TEST_REFUSAL(size_t, SIZE_MAX / 24 + 2); /* wraps to a few bytes */
    TEST_REFUSAL(size_t, PTRDIFF_MAX / 24 + (size_t)1);
    void *none = NULL;
    int room = 0;
    CHECK(!array_fit_bytes(&none, &room, INT_MAX, SIZE_MAX / 4) && none == NULL && room == 0,
          "int: elements as wide as the address space");
}

static void test_resize(void)
{
    int *array = NULL;
    CHECK(array_resize(array, 3), "sized once");
    for (int i = 0; array != NULL && i < 3; i++)
        array[i] = i;
    int *at = array;
    CHECK(!array_resize(array, SIZE_MAX / sizeof *array + 2) && array == at, "a size that wraps");
    CHECK(!array_resize(array, (size_t)PTRDIFF_MAX) && array == at, "more than there can be");
    CHECK(array_resize(array, 2) && array[1] == 1, "cut");
    CHECK(array_resize(array, 0) && array != NULL, "to nothing, which is no failure");
    free(array);
}

static void test_append(void)
{
    Wide *array = NULL, *last = NULL;
    int count = 0, room = 0;
    const Wide zero = {{0}};
    for (int i = 0; i < 100 && (last = array_append(&array, &count, &room, sizeof *last)); i++) {
        if (memcmp(last, &zero, sizeof zero) != 0)
            break;
        memset(last, 'x', sizeof *last);
    }
    CHECK(count == 100 && room >= count && last == &array[99], "zeroed elements, one by one");
    Wide *at = array;
    count = INT_MAX;
    CHECK(array_append(&array, &count, &room, sizeof *last) == NULL && array == at &&
              count == INT_MAX,
          "no more than an int counts");
    free(array);
}

static void test_bytes(void)
{
    Bytes bytes = {0};
    Err err = {0};
    CHECK(bytes_append(&bytes, NULL, 0, "none", &err) == 0 && bytes.data != NULL && bytes.size == 0,
          "nothing added to nothing has an address");
    for (int i = 0; i < 1000; i++)
        bytes_append(&bytes, "abc", 3, "letters", &err);
    CHECK(bytes.size == 3000 && bytes.room >= 3000 && memcmp(bytes.data + 2997, "abc", 3) == 0,
          "3000 bytes");
    uint8_t *data = bytes.data;
    CHECK(bytes_reserve(&bytes, SIZE_MAX - 100, "letters", &err) == -1 && bytes.data == data &&
              bytes.size == 3000 && strstr(err.text, "for letters") != NULL,
          "more than a size holds: %s", err.text);
    bytes_release(&bytes);
    CHECK(bytes.data == NULL && bytes.room == 0, "released");
}

static void test_lines(void)
{
    static const struct {
        const char *text;
        size_t size;
        const char *lines;
    } c[] = {{"", 0, ""},
             {"a", 1, "a|"},
             {"a\n", 2, "a|"},
             {"a\nbc", 4, "a|bc|"},
             {"\n", 1, "|"},
             {"\n\na\n\n", 5, "||a||"},
             {"a\r\nb", 4, "a\r|b|"},
             {"a\0b\nc", 5, "a.b|c|"}};
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        char text[8] = "", read[16] = "";
        size_t used = 0;
        memcpy(text, c[i].text, c[i].size);
        Lines lines = lines_of(text, c[i].size);
        while (lines_next(&lines)) {
            for (size_t k = 0; k < lines.size; k++)
                read[used++] = lines.at[k] != '\0' ? lines.at[k] : '.';
            lines.at[lines.size] = '\0';
            read[used++] = '|';
        }
        int64_t n = 0;
        for (const char *bar = c[i].lines; (bar = strchr(bar, '|')) != NULL; bar++)
            n++;
        CHECK(strcmp(read, c[i].lines) == 0 && lines.number == n, "lines of text %zu: %s", i, read);
    }
}

int main(void)
{
    test_fit();
    test_resize();
    test_append();
    test_bytes();
    test_lines();
    return END_TESTS();
}
