/* format/: RecordIO and verification sets, whole, cut at every length, with every byte changed */
#include "base/file_internal.h"
#include "base/map_internal.h"
#include "format/recordio_internal.h"
#include "format/verification_internal.h"
#include "unit.h"

#include <time.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

static volatile unsigned sink;

/* Reads all records, going on after damage: how many there are, -1 - many when some were bad. */
static int walk_records(const uint8_t *bytes, size_t size, int *images)
{
    RecordIo io = {bytes, size, 0, NULL};
    int n = 0;
    bool bad = false;
    for (*images = 0;;) {
        Record record;
        RecordHeader header;
        Err err = {0};
        uint8_t ends[2];
        int rc = recordio_next(&io, &record, &err);
        if (rc == 0)
            return bad ? -1 - n : n;
        if (rc < 0) {
            bad = true;
            recordio_resync(&io);
            continue;
        }
        n++;
        if (recordio_header(&header, &io, &record, &err) != 0 || header.image == record.size)
            continue;
        recordio_copy(ends, &io, &record, header.image, 1);
        recordio_copy(ends + 1, &io, &record, record.size - 1, 1);
        sink += ends[0] + ends[1];
        ++*images;
    }
}

static int64_t walk_pairs(const uint8_t *bytes, size_t size)
{
    VerificationSet set;
    Err err = {0};
    if (verification_parse(&set, bytes, size, &err) != 0)
        return err_is_set(&err) ? -1 : -2;
    for (int64_t i = 0; i < 2 * set.pairs; i++)
        sink += set.image[i].bytes[0] + set.image[i].bytes[set.image[i].size - 1];
    int64_t pairs = set.pairs;
    verification_release(&set);
    return pairs;
}

static int64_t walk(bool records, const uint8_t *bytes, size_t size)
{
    int images;
    return records ? walk_records(bytes, size, &images) : walk_pairs(bytes, size);
}

/* Nothing crashes and nothing is read beyond the end; only what is whole is taken for whole. */
static void damage(const char *what, bool records, const uint8_t *whole, size_t size)
{
    uint8_t *bytes = malloc(size);
    int64_t sound = walk(records, whole, size);
    int64_t taken = 0, cut_taken = 0, bad = 0;
    memcpy(bytes, whole, size);
    for (size_t n = size; n-- > 0;) {
        ASAN_POISON_MEMORY_REGION(bytes + n, size - n);
        int64_t found = walk(records, bytes, n);
        cut_taken += found >= sound;
        bad += found == -2 && !records;
    }
    ASAN_UNPOISON_MEMORY_REGION(bytes, size);
    CHECK(cut_taken == 0 && bad == 0, "%s: cut at every length, never taken for whole", what);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)~bytes[i];
        taken += walk(records, bytes, size) == sound;
        bytes[i] = (uint8_t)~bytes[i];
    }
    CHECK(taken < (int64_t)size, "%s: every byte changed; %lld of %zu are the images' own", what,
          (long long)taken, size);
    free(bytes);
}

static uint8_t *fixture(const char *name, size_t *size)
{
    char path[4096];
    const char *data = getenv("FACE_DATA");
    Err err = {0};
    snprintf(path, sizeof path, "%s/fixtures/%s", data != NULL ? data : "../shared/data", name);
    return (uint8_t *)file_read(path, 1 << 24, size, &err);
}

static void test_fixtures(void)
{
    size_t size;
    int images;
    uint8_t *rec = fixture("train.rec", &size);
    if (rec == NULL) {
        CHECK(true, "real records # SKIP no fixtures");
        return;
    }
    CHECK(walk_records(rec, size, &images) == 8 && images == 8, "eight real records");
    damage("real records", true, rec, size);
    free(rec);
    uint8_t *bin = fixture("small_lfw.bin", &size);
    CHECK(bin != NULL && walk_pairs(bin, size) == 10, "ten real pairs");
    if (bin != NULL)
        damage("real pairs", false, bin, size);
    free(bin);
}

static size_t put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
    return 4;
}

/* A record whose data has the magic at bytes 24 and 32, split there as dmlc's writer does */
static void test_split(void)
{
    static const char magic[] = "\x0a\x23\xd7\xce";
    uint8_t data[41] = {0}, file[128], back[41];
    size_t n = 0;
    for (int i = 8; i < 41; i++)
        data[i] = (uint8_t)i;
    memcpy(data + 24, magic, 4);
    memcpy(data + 32, magic, 4);
    n += put32(file, 0xced7230a);
    n += put32(file + n, 1u << 29 | 24);
    memcpy(file + n, data, 24);
    n += 24;
    n += put32(file + n, 0xced7230a);
    n += put32(file + n, 2u << 29 | 4);
    memcpy(file + n, data + 28, 4);
    n += 4;
    n += put32(file + n, 0xced7230a);
    n += put32(file + n, 3u << 29 | 5);
    memcpy(file + n, data + 36, 5);
    memset(file + n + 5, 0, 3);
    n += 8;
    RecordIo io = {file, n, 0, NULL};
    Record record = {0};
    RecordHeader header = {0};
    Err err = {0};
    CHECK(recordio_next(&io, &record, &err) == 1 && record.size == 41 && io.at == n,
          "a split record is put together: %zu bytes", record.size);
    recordio_copy(back, &io, &record, 0, 41);
    CHECK(memcmp(back, data, 41) == 0, "with the magic between its parts");
    bool same = true;
    for (size_t from = 0; from < 41; from++)
        for (size_t size = 1; from + size <= 41; size++) {
            recordio_copy(back, &io, &record, from, size);
            same = same && memcmp(back, data + from, size) == 0;
        }
    CHECK(same, "any part of it");
    CHECK(recordio_header(&header, &io, &record, &err) == 0 && header.image == 24 &&
              header.id == 0x0f0e0d0c0b0a0908u,
          "its header");
    damage("a split record", true, file, n);
    io = (RecordIo){file, n, 32, NULL};
    CHECK(recordio_next(&io, &record, &err) < 0 &&
              strstr(err.text, "byte 32: the first part") != NULL,
          "a middle part alone: %s", err.text);
}

typedef struct Case {
    const char *bytes;
    size_t size;
    int64_t pairs;
    const char *what;
} Case;
#define CASE(bytes, pairs, what)                                                                   \
    {                                                                                              \
        bytes, sizeof bytes - 1, pairs, what                                                       \
    }
#define NUMPY                                                                                      \
    "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85"                               \
    "C\1b\x87R"
#define DTYPE                                                                                      \
    "cnumpy\ndtype\n\x8c\2u1\x89\x88\x87R(K\3\x8c\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"

static void test_pickles(void)
{
    static const Case cases[] = {
        CASE("\x80\3]q\0(B\2\0\0\0abB\1\0\0\0ce]q\1(\x88"
             "e\x86q\2.",
             1, "protocol 3, bytes"),
        CASE("\x80\2]q\1(U\2abq\2h\2e]q\3I01\na\x86.", 1, "protocol 2, str, one image shared"),
        CASE("\x80\2]((c_codecs\nencode\nX\3\0\0\0a\xc3\xbfX\6\0\0\0latin1tRB\1\0\0\0x\x86"
             "}.",
             -1, "an opcode that is not in the table"),
        CASE("\x80\2](c_codecs\nencode\nX\3\0\0\0a\xc3\xbfX\6\0\0\0latin1\x86RU\1xe](\x89"
             "e\x86.",
             1, "protocol 2 of Python 3"),
        CASE("\x80\3](" NUMPY "(K\1K\1\x85" DTYPE "\x89"
             "B\1\0\0\0ztbC\1ye](\x89"
             "e\x86.",
             1, "a NumPy array"),
        CASE("\x80\4\x95\x10\0\0\0\0\0\0\0]\x94(\x8c\x12numpy.core.numeric\x8c\x0b_frombuffer\x93"
             "(\x96\2\0\0\0\0\0\0\0hi" DTYPE "K\2\x85\x8c\1CtRh\0\x30",
             -1, "cut within"),
        CASE(
            "\x80\5](\x8c\x12numpy.core.numeric\x8c\x0b_frombuffer\x93(\x96\2\0\0\0\0\0\0\0hi" DTYPE
            "K\2\x85\x8c\1CtR\x8e\1\0\0\0\0\0\0\0xe](K\1e\x86.",
            1, "protocol 5, a buffer"),
        CASE("((lp0\nS'a\\x00\\n\\'\\\\'\np1\naS\"b'\"\np2\na(lp3\nI01\natp4\n.", 1,
             "protocol 0, str"),
        CASE("((lp0\nc_codecs\nencode\np1\n(V\\u000a\xff\\u00ff\np2\nVlatin1\np3\ntp4\nRp5\nag5\na("
             "lp6\nL1L\n"
             "atp7\n.",
             1, "protocol 0 of Python 3, one image shared"),
        CASE("(]q\0(U\1aU\1be]q\1I00\nat.", 1, "protocol 1"),
        CASE("\x80\2](C\1aC\1be](\x88"
             "e]q\1(h\1h\1e0\x86.",
             1, "something thrown away"),
        CASE("\x80\2](](C\1aC\1be](\x88"
             "ee.",
             1, "a list of both"),
        CASE("\x80\3C\1aC\1b\x86(\x89t\x86.", 1, "tuples"),
        CASE("\x80\3](C\1aC\1bC\1cC\1de" NUMPY "(K\1K\2\x85" DTYPE "\x89"
             "B\2\0\0\0\1\0tb\x86.",
             2, "truths as an array of bools"),
        CASE("\x80\3](C\1aC\1be" NUMPY "(K\1K\1\x85" DTYPE "\x89"
             "B\x8\0\0\0\1\0\0\0\0\0\0\0tb\x86.",
             1, "as an array of 64 bits each"),
        CASE("\x80\3](C\1aC\1be" NUMPY "(K\1K\1\x85" DTYPE "\x89"
             "B\x8\0\0\0\0\0\0\0\0\0\0\1tb\x86.",
             -1, "expands to more"),
        CASE("\x80\3" NUMPY "(K\1K\2\x85" DTYPE "\x89](C\1aC\1betb](\x88"
             "e\x86.",
             1, "images as an array of objects"),
        CASE("((lp0\nS'a\\x4'\na.", -1, "half an escape"),
        CASE("((lp0\nS'a\na.", -1, "half a quote"),
        CASE("((lp0\nVa\\u00\na.", -1, "half an escape of a text"),
        CASE("((lp-1\n.", -1, "a place before the memo"),
        CASE("\x80\3](C\1aC\1be](cnumpy.core.multiarray\nscalar\n" DTYPE "C\1\1\x86Re\x86.", 1,
             "a bool of NumPy's"),
        CASE("\x80\3cos\nsystem\nX\2\0\0\0ls\x85R.", -1, "os.system"),
        CASE("\x80\3c__builtin__\neval\nX\2\0\0\0ls\x85R.", -1, "eval"),
        CASE("\x80\3](C\1aC\1be](\x88\x88"
             "e\x86.",
             -1, "two images for two pairs"),
        CASE("\x80\3](C\1aNe](\x88"
             "e\x86.",
             -1, "no bytes"),
        CASE("\x80\3](C\1aC\1be](K\2e\x86.", -1, "no bool"),
        CASE("\x80\3](C\1aC\1be](\x88"
             "e\x86.x",
             -1, "something after the end"),
        CASE("\x80\3](B\xff\xff\xff\x7f"
             "ae](\x88"
             "e\x86.",
             -1, "more bytes than there are"),
        CASE("\x80\3]r\xff\xff\xff\xff.", -1, "a place in the memo far away"),
        CASE("\x80\3]]\x86.", -1, "not pairs"),
        CASE("\x80\3].", -1, "one list"),
        CASE("\x80\3.", -1, "nothing"),
        CASE("\x80\3"
             "ea(tR\x93",
             -1, "opcodes without operands"),
        CASE("\x80\7].", -1, "an unknown protocol"),
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t pairs = walk_pairs((const uint8_t *)cases[i].bytes, cases[i].size);
        CHECK(pairs == cases[i].pairs, "%s: %lld", cases[i].what, (long long)pairs);
        if (pairs > 0)
            damage(cases[i].what, false, (const uint8_t *)cases[i].bytes, cases[i].size);
    }
}

/* Every pair of opcodes after something that leaves all kinds of objects on the stack */
static void test_opcodes(void)
{
    static const char begin[] = "\x80\3](NK\1X\1\0\0\0aC\1b]\x94)\x94"
                                "cnumpy\ndtype\n\x94";
    uint8_t file[sizeof begin + 40];
    int64_t taken = 0;
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++) {
            memset(file, 0, sizeof file);
            memcpy(file, begin, sizeof begin - 1);
            file[sizeof begin - 1] = (uint8_t)a;
            file[sizeof begin] = (uint8_t)b;
            taken += walk_pairs(file, sizeof file) >= 0;
        }
    CHECK(taken == 0, "no two opcodes alone make a set");
}

/* However many heads lead into one split record without an end, its parts are looked at once. */
static void test_chain(void)
{
    enum { HEADS = 60000, PARTS = 60000, WORDS = 2 * (HEADS + PARTS) };
    uint32_t *file = calloc(WORDS, sizeof *file);
    uint8_t *dead = calloc(WORDS / 8 + 1, 1);
    RecordIo io = {(uint8_t *)file, 4 * (size_t)WORDS, 0, dead};
    int64_t failures = 0;
    for (uint32_t i = 0; i < HEADS + PARTS; i++) {
        uint32_t to_chain = i < HEADS ? 8 * (HEADS - i - 1) : 0;
        file[2 * i] = 0xced7230a;
        file[2 * i + 1] = (i < HEADS ? 1u : 2u) << 29 | to_chain;
    }
    clock_t begin = clock();
    for (int rc = -1; rc < 0; failures += rc < 0) {
        Record record;
        Err why = {0};
        rc = recordio_next(&io, &record, &why);
        if (rc < 0)
            recordio_resync(&io);
    }
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    CHECK(failures == HEADS && seconds < 5, "%lld heads of one chain: %.3f s", (long long)failures,
          seconds);
    free(file);
    free(dead);
}

int main(void)
{
    test_chain();
    test_split();
    test_pickles();
    test_opcodes();
    test_fixtures();
    return END_TESTS();
}
