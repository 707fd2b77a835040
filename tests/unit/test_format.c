/* Arrays of NumPy from memory, names in braces, UTF-8 */
#include "format/npy_internal.h"
#include "sink/text_internal.h"
#include "source/braces_internal.h"
#include "unit.h"

typedef struct Memory {
    const uint8_t *at;
    size_t left;
} Memory;

static int64_t read_memory(void *state, void *bytes, size_t n, Err *err)
{
    Memory *memory = state;
    (void)err;
    n = n < memory->left ? n : memory->left;
    memcpy(bytes, memory->at, n);
    memory->at += n;
    memory->left -= n;
    return (int64_t)n;
}

/* A file with this dictionary and data, opened */
static int open_npy(Npy *npy, Memory *memory, const char *header, const void *data, size_t size,
                    Err *err)
{
    static uint8_t file[1024];
    size_t length = strlen(header);
    memcpy(file, "\x93NUMPY\2\0", 8);
    for (int i = 0; i < 4; i++)
        file[8 + i] = (uint8_t)(length >> 8 * i);
    memcpy(file + 12, header, length);
    memcpy(file + 12 + length, data, size);
    *memory = (Memory){file, 12 + length + size};
    return npy_init(npy, (ByteFlow){read_memory, memory}, err);
}

static void test_halves(void)
{
    static const uint16_t bits[] = {0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x8000, 0x7c00};
    static const float want[] = {1, -2, 65504, 0x1p-24f, 0x1.ff8p-15f, 0x1p-14f, -0.0f, INFINITY};
    float got[8];
    Err err = {0};
    Memory memory;
    Npy npy;
    int rc = open_npy(&npy, &memory, "{'descr':'<f2','fortran_order':False,'shape':(1,8)}", bits,
                      sizeof bits, &err);
    CHECK(rc == 0 && npy_next(&npy, &err) == 1 && npy_floats(&npy, got, &err) == 0 &&
              memcmp(got, want, sizeof want) == 0,
          "half precision: %g %g %g %s", (double)got[2], (double)got[3], (double)got[4], err.text);
    CHECK(npy_next(&npy, &err) == 0, "one row");
    npy_release(&npy);
}

static void test_integers(void)
{
    static const int64_t wide[] = {INT64_MAX, INT64_MIN, 9007199254740993};
    static const int8_t narrow[] = {-128, 127, -1};
    Err err = {0};
    Memory memory;
    Npy npy;
    int64_t value;
    bool exact = open_npy(&npy, &memory, "{'shape':(3,),'descr':'<i8','fortran_order':False}", wide,
                          sizeof wide, &err) == 0;
    for (int i = 0; i < 3; i++)
        exact = exact && npy_next(&npy, &err) == 1 &&
                (wide[i] != 9007199254740993 ||
                 (npy_integer(&npy, 0, &value, &err) == 0 && value == wide[i]));
    CHECK(exact, "64 bits, not 53 %s", err.text);
    npy_release(&npy);
    exact = open_npy(&npy, &memory, "{'shape':(3,),'descr':'|i1','fortran_order':False}", narrow,
                     sizeof narrow, &err) == 0;
    for (int i = 0; i < 3; i++)
        exact = exact && npy_next(&npy, &err) == 1 && npy_integer(&npy, 0, &value, &err) == 0 &&
                value == narrow[i];
    CHECK(exact, "signs %s", err.text);
    npy_release(&npy);
    static const float fraction[] = {2, 1.5f};
    open_npy(&npy, &memory, "{'shape':(2,),'descr':'<f4','fortran_order':False}", fraction,
             sizeof fraction, &err);
    CHECK(npy_next(&npy, &err) == 1 && npy_integer(&npy, 0, &value, &err) == 0 && value == 2 &&
              npy_next(&npy, &err) == 1 && npy_integer(&npy, 0, &value, &err) == -1,
          "a float may be a whole number: %s", err.text);
    npy_release(&npy);
}

/* Fortran's order in three dimensions: the first index runs fastest. */
static void test_fortran(void)
{
    uint8_t data[24], want[24];
    Err err = {0};
    Memory memory;
    Npy npy;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 4; k++) {
                want[(i * 3 + j) * 4 + k] = (uint8_t)(i * 100 + j * 10 + k);
                data[i + 2 * (j + 3 * k)] = want[(i * 3 + j) * 4 + k];
            }
    bool same = open_npy(&npy, &memory, "{'shape':(2,3,4),'descr':'|u1','fortran_order':True}",
                         data, sizeof data, &err) == 0;
    for (int i = 0; i < 2; i++)
        same = same && npy_next(&npy, &err) == 1 && memcmp(npy.bytes, want + 12 * i, 12) == 0;
    CHECK(same && npy_next(&npy, &err) == 0, "rows of three dimensions %s", err.text);
    npy_release(&npy);
}

static void test_texts(void)
{
    static const uint32_t text[] = {'A', 0xeb, 0x20ac, 0x1f600, 0xd800, 0, 0, 0};
    Err err = {0};
    Memory memory;
    Npy npy;
    char out[64];
    open_npy(&npy, &memory, "{'shape':(2,),'descr':'<U4','fortran_order':False}", text, sizeof text,
             &err);
    CHECK(npy_next(&npy, &err) == 1 && npy_text(&npy, out, &err) == 10 &&
              memcmp(out, "A\xc3\xab\xe2\x82\xac\xf0\x9f\x98\x80", 10) == 0,
          "UTF-32 becomes UTF-8 %s", err.text);
    CHECK(npy_next(&npy, &err) == 1 && npy_text(&npy, out, &err) == -1, "half a pair: %s",
          err.text);
    npy_release(&npy);
    const uint8_t *at = (const uint8_t *)"\xf0\x9f\x98\x80\xc0\x80\xed\xa0\x80\xf5z";
    static const uint32_t want[] = {0x1f600, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf5, 'z'};
    bool same = true;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
        same = text_next(&at) == want[i] && same;
    CHECK(same && *at == '\0', "what is no UTF-8 stands for itself");
}

/* The names, each with a space after it */
static const char *expanded(const char *text)
{
    static char all[400];
    BracedNames list = {0};
    Err err = {0};
    size_t used = 0;
    all[0] = '\0';
    if (braces_expand(&list, text, &err) != 0)
        return "error";
    for (int i = 0; i < list.n && used < 300; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s ", list.name[i]);
    braces_release(&list);
    return all;
}

static void test_braces(void)
{
    static const char *const cases[][2] = {
        {"a", "a "},
        {"a{08..11}b", "a08b a09b a10b a11b "},
        {"{8..11}", "8 9 10 11 "},
        {"{3..1}", "3 2 1 "},
        {"{1..02}", "01 02 "},
        {"{a,b}{1..2}", "a1 a2 b1 b2 "},
        {"x{,y}", "x xy "},
        {"{x}{1..2", "{x}{1..2 "},
        {"{x}{1..2}", "{x}1 {x}2 "},
        {"{..}{1..}{..2}{1...2}", "{..}{1..}{..2}{1...2} "},
        {"{7..7}", "7 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK(strcmp(expanded(cases[i][0]), cases[i][1]) == 0, "%s: %s", cases[i][0],
              expanded(cases[i][0]));
    BracedNames list = {0};
    Err err = {0};
    CHECK(braces_expand(&list, "{0..999999999999999999}", &err) == -1, "%s", err.text);
    braces_release(&list);
}

int main(void)
{
    test_halves();
    test_integers();
    test_fortran();
    test_texts();
    test_braces();
    return END_TESTS();
}
