/* base/: errors, numbers, hashes, random numbers, the pool, whole files */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/counted_internal.h"
#include "base/escape_internal.h"
#include "base/file_internal.h"
#include "base/hash.h"
#include "base/num_internal.h"
#include "base/out.h"
#include "base/pool.h"
#include "base/rng_internal.h"
#include "unit.h"

static void test_err(void)
{
    Err err = {0};
    CHECK(err_set(&err, "row %d", 3) == -1 && strcmp(err.text, "row 3") == 0, "a message");
    err_set(&err, "later");
    CHECK(strcmp(err.text, "row 3") == 0, "the first message stays");
    char name[5000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    err = (Err){0};
    err_set(&err, "%s: line 7: no number", name);
    CHECK(strstr(err.text, "nnn ... nnn") != NULL &&
              strstr(err.text, "n: line 7: no number") != NULL,
          "a long name is shortened, the reason stays");
    err = (Err){0};
    errno = ENOENT;
    err_errno(&err, "cannot open %s", name);
    CHECK(strncmp(err.text, "cannot open nnn", 15) == 0 && strstr(err.text, "No such file") != NULL,
          "so does that of errno");
}

static void test_escape(void)
{
    static const struct {
        const char *text, *shown;
    } c[] = {{"plain, \xc3\xa9 \xe5\xb1\xb1 \xf0\x9f\x99\x82",
              "plain, \xc3\xa9 \xe5\xb1\xb1 \xf0\x9f\x99\x82"},
             {"a\nb\tc\rd", "a\\nb\\tc\\rd"},
             {"\033[2J\177", "\\x1b[2J\\x7f"},
             {"\xc2\x9b"
              "2J",
              "\\xc2\\x9b2J"},                                      /* CSI in one character */
             {"\xff\xc3", "\\xff\\xc3"},                            /* not UTF-8; cut */
             {"\xc0\x9b\xed\xa0\x80", "\\xc0\\x9b\\xed\\xa0\\x80"}, /* overlong; a surrogate */
             {"x\xe2\x80\xae"
              "gpj.exe",
              "x\\xe2\\x80\\xaegpj.exe"}, /* read from right to left */
             {"a\xe2\x80\xa8"
              "b",
              "a\\xe2\\x80\\xa8"
              "b"}};
    char shown[200], few[6];
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        escape_text(shown, sizeof shown, c[i].text, strlen(c[i].text));
        CHECK(strcmp(shown, c[i].shown) == 0, "shown: %s", shown);
    }
    CHECK(escape_text(shown, sizeof shown, "a\0b", 3) == 6 && strcmp(shown, "a\\x00b") == 0, "NUL");
    CHECK(escape_text(few, sizeof few, "abc\033", 4) == 3 && strcmp(few, "abc") == 0,
          "cut between characters");
}

static void test_num(void)
{
    int64_t i;
    double d;
    uint64_t u;
    CHECK(num_int("-12", -20, 20, &i) && i == -12, "num_int reads -12");
    CHECK(!num_int("12x", 0, 20, &i) && !num_int("", 0, 20, &i) && !num_int(" 1", 0, 20, &i),
          "num_int refuses junk");
    CHECK(!num_int("99999999999999999999", INT64_MIN, INT64_MAX, &i), "num_int refuses overflow");
    CHECK(num_double("1e-4", 0, 1, &d) && d == 1e-4, "num_double reads 1e-4");
    static const char *const decimals[] = {"0",
                                           "-0",
                                           "12.5",
                                           "-.25",
                                           "5.",
                                           "179.999",
                                           "0.1",
                                           "000.3",
                                           "1.0000000000001",
                                           "123456789012345",
                                           "1234567890.12345",
                                           "12345678901234567",
                                           "0.000000000000001",
                                           "-99.99999",
                                           "7e2",
                                           "0x10"};
    int same = 0, all = sizeof decimals / sizeof decimals[0];
    for (int k = 0; k < all; k++) {
        double want = strtod(decimals[k], NULL);
        same += num_double(decimals[k], -1e300, 1e300, &d) && memcmp(&d, &want, sizeof d) == 0;
    }
    CHECK(same == all, "num_double reads what strtod() does: %d of %d", same, all);
    CHECK(!num_double(".", -1, 1, &d) && !num_double("-", -1, 1, &d) &&
              !num_double("1.2.3", 0, 9, &d) && !num_double("1 ", 0, 9, &d) &&
              !num_double("", 0, 9, &d),
          "num_double refuses what is no number");
    CHECK(!num_double("nan", -1, 1, &d) && !num_double("inf", 0, INFINITY, &d), "not nan, not inf");
    static const struct {
        double value;
        const char *text;
    } shortest[] = {
        {0.1, "0.1"},     {0.6, "0.6"},       {1 / 3.0, "0.3333333333333333"}, {1e-4, "0.0001"},
        {5, "5"},         {-127.5, "-127.5"}, {1 / 128.0, "0.0078125"},        {0, "0"},
        {1e300, "1e+300"}};
    char number[NUM_TEXT];
    for (size_t k = 0; k < sizeof shortest / sizeof shortest[0]; k++)
        CHECK(strcmp(num_text(number, shortest[k].value), shortest[k].text) == 0, "as typed: %s",
              number);
    CHECK(num_size("3M", 0, UINT64_MAX, &u) && u == 3 << 20, "num_size reads 3M");
    CHECK(!num_size("3MB", 0, UINT64_MAX, &u) && !num_size("-1", 0, UINT64_MAX, &u) &&
              !num_size("99999999999T", 0, UINT64_MAX, &u),
          "num_size refuses junk and overflow");
}

static void test_rng(void)
{
    Rng a = rng_at(1, 2, 3, 4), b = rng_at(1, 2, 3, 4), c = rng_at(1, 2, 3, 5);
    uint64_t first = rng_u64(&a);
    CHECK(first == rng_u64(&b) && first != rng_u64(&c), "coordinates name the generator");
    double sum = 0, squares = 0;
    for (int i = 0; i < 100000; i++) {
        double x = rng_normal(&a);
        sum += x;
        squares += x * x;
    }
    CHECK(fabs(sum / 1e5) < 0.02 && fabs(squares / 1e5 - 1) < 0.02, "rng_normal: mean 0, sd 1");
    for (uint64_t n = 1; n < 300; n += 37) {
        bool seen[300] = {0};
        bool once = true, moved = false;
        for (uint64_t i = 0; i < n; i++) {
            uint64_t j = rng_permute(7, 1, n, i);
            once = once && j < n && !seen[j];
            seen[j] = true;
            moved = moved || j != i;
        }
        CHECK(once && (moved || n == 1), "rng_permute is a permutation of %d", (int)n);
    }
}

/* Chi-square of where the first two of n values stand, over many permutations, as deviations from
 * its mean: each at every place equally often, and the two in every pair of places. */
static void test_uniform(uint64_t n)
{
    enum { TIMES = 200000, MOST = 40 };
    static double pair[MOST][MOST];
    double place[2][MOST] = {{0}}, one = 0, two = 0;
    memset(pair, 0, sizeof pair);
    for (uint64_t k = 0; k < TIMES; k++) {
        uint64_t a = rng_permute(12, k, n, 0), b = rng_permute(12, k, n, 1);
        place[0][a]++;
        place[1][b]++;
        pair[a][b]++;
    }
    double want = (double)TIMES / (double)n, pairs = want / (double)(n - 1);
    for (uint64_t a = 0; a < n; a++) {
        one += (pow(place[0][a] - want, 2) + pow(place[1][a] - want, 2)) / want;
        for (uint64_t b = 0; b < n; b++)
            two += a != b ? pow(pair[a][b] - pairs, 2) / pairs : 0;
    }
    double free_one = 2 * (double)(n - 1), free_two = (double)(n * (n - 1)) - 1;
    one = (one - free_one) / sqrt(2 * free_one);
    two = (two - free_two) / sqrt(2 * free_two);
    CHECK(fabs(one) < 5 && (n == 2 || fabs(two) < 5),
          "rng_permute of %d is uniform: places %.1f, pairs %.1f deviations", (int)n, one, two);
}

static void square(void *arg, int64_t i, int worker)
{
    (void)worker;
    ((int64_t *)arg)[i] = i * i;
}

static void test_pool(void)
{
    Err err = {0};
    static int64_t out[1000];
    Pool *pool = pool_new(3, &err);
    bool right = pool != NULL;
    for (int round = 0; right && round < 200; round++) {
        memset(out, 0, sizeof out);
        pool_run(pool, 1000, square, out);
        for (int64_t i = 0; i < 1000; i++)
            right = right && out[i] == i * i;
    }
    CHECK(right, "200 runs of 1000 tasks each did every task");
    pool_free(pool);
}

static void test_file(const char *dir)
{
    Err err = {0};
    Out out;
    char path[300];
    size_t size = 0;
    snprintf(path, sizeof path, "%s/file", dir);
    CHECK(out_open(&out, path, &err) == 0 && access(path, F_OK) != 0, "no name while open");
    CHECK(out_write(&out, "one", 3, &err) == 0 && out_commit(&out, &err) == 0, "committed");
    char *bytes = file_read(path, 100, &size, &err);
    CHECK(bytes != NULL && size == 3 && strcmp(bytes, "one") == 0, "the bytes are there");
    free(bytes);
    CHECK(out_open(&out, path, &err) == 0 && out_write(&out, "two", 3, &err) == 0, "again");
    out_abort(&out);
    bytes = file_read(path, 100, &size, &err);
    CHECK(bytes != NULL && strcmp(bytes, "one") == 0, "an aborted file leaves the old one");
    free(bytes);
    CHECK(file_read(path, 2, &size, &err) == NULL && strstr(err.text, "limit") != NULL,
          "a file over the limit is refused: %s", err.text);
    err = (Err){0};
    CHECK(out_open(&out, "/dev/full", &err) == 0, "/dev/full opens");
    out_write(&out, "x", 1, &err);
    CHECK(out_commit(&out, &err) == -1 && strstr(err.text, "No space") != NULL, "full disk: %s",
          err.text);
    err = (Err){0};
    CHECK(out_open(&out, "/nowhere/at/all", &err) == -1, "no directory: %s", err.text);
    unlink(path);
}

/* Writes text to path; the text that is there afterwards (freed by the next call), "" if none */
static const char *rewritten(const char *path, const char *text, Err *err)
{
    static char *bytes;
    size_t size;
    Out out;
    *err = (Err){0};
    free(bytes);
    bytes = NULL;
    if (out_open(&out, path, err) == 0 && out_write(&out, text, strlen(text), err) == 0)
        out_commit(&out, err);
    out_abort(&out);
    Err none = {0};
    bytes = file_read(path, 100, &size, &none);
    return bytes != NULL ? bytes : "";
}

static void test_out(const char *dir)
{
    Err err;
    struct stat st;
    char file[300], link[300], again[300], name[600];
    snprintf(file, sizeof file, "%s/file", dir);
    snprintf(link, sizeof link, "%s/link", dir);
    snprintf(again, sizeof again, "%s/again", dir);
    CHECK(symlink("link", again) == 0 && symlink("file", link) == 0, "two links");
    CHECK(strcmp(rewritten(again, "a", &err), "a") == 0 && lstat(again, &st) == 0 &&
              S_ISLNK(st.st_mode) && lstat(file, &st) == 0 && S_ISREG(st.st_mode),
          "a link that leads to nothing yet: made at its end: %s", err.text);
    chmod(file, 0640);
    CHECK(strcmp(rewritten(link, "b", &err), "b") == 0 && lstat(file, &st) == 0 &&
              (st.st_mode & 07777) == 0640 && lstat(link, &st) == 0 && S_ISLNK(st.st_mode),
          "the file behind a link is replaced, its mode stays: %s", err.text);
    unlink(file);
    CHECK(symlink("again", file) == 0 && rewritten(link, "c", &err)[0] == '\0' &&
              strstr(err.text, "Too many levels") != NULL,
          "links in a circle: %s", err.text);
    unlink(file);
    unlink(link);
    unlink(again);
    memset(name, 'n', sizeof name);
    int n = snprintf(name, sizeof name, "%s/", dir);
    name[n] = 'n';
    name[n + 255] = '\0';
    CHECK(strcmp(rewritten(name, "d", &err), "d") == 0, "a name of 255 bytes: %s", err.text);
    unlink(name);
    name[n + 255] = 'n';
    name[n + 256] = '\0';
    CHECK(out_check(name, NULL, &err) == -1 && strstr(err.text, "too long") != NULL, "256: %s",
          err.text);
    char read_only[32];
    int fd = open("/dev/null", O_RDONLY);
    snprintf(read_only, sizeof read_only, "/dev/fd/%d", fd);
    const char *const refused[] = {
        "", "/", "/tmp/", "/dev/fd/99", read_only, "/nowhere/at/all", "/etc/passwd/x"};
    for (int i = 0; i < 7; i++) {
        Out out;
        err = (Err){0};
        bool opened = out_open(&out, refused[i], &err) == 0;
        CHECK(!opened && strstr(err.text, "cannot write") != NULL, "refused: '%s': %s", refused[i],
              err.text);
        Err other = {0};
        CHECK(out_check(refused[i], NULL, &other) == -1, "out_check says so too");
    }
    close(fd);
}

/* Against the values of the authors' vectors for SipHash-1-3. */
static void test_hash(void)
{
    static const struct {
        size_t size;
        uint64_t hash;
    } known[] = {{0, 0xabac0158050fc4dc}, {1, 0xc9f49bf37d57ca93},  {7, 0xd3927d989bb11140},
                 {8, 0x369095118d299a8e}, {15, 0xd320d86d2a519956}, {16, 0xcc4fdd1a7d908b66},
                 {63, 0x9d199062b7bbb3a8}};
    const HashKey key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
    uint8_t bytes[64];
    for (int i = 0; i < 64; i++)
        bytes[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        CHECK(hash_bytes(&key, known[i].size > 0 ? bytes : NULL, known[i].size) == known[i].hash,
              "SipHash-1-3 of %zu bytes", known[i].size);
    HashKey a = hash_key(), b = hash_key();
    CHECK(memcmp(&a, &b, sizeof a) != 0, "each key is another");
    CHECK(hash_bytes(&a, "name", 4) != hash_bytes(&b, "name", 4), "and hashes differ with it");
}

static void test_counted(void)
{
    static const struct {
        int64_t n;
        const char *text;
    } known[] = {
        {0, "0 identities"},
        {1, "1 identity"},
        {2, "2 identities"},
        {-1, "-1 identities"},
        {INT64_MAX, "9223372036854775807 identities"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        CHECK(strcmp(counted(known[i].n, "identity", "identities").text, known[i].text) == 0, "%s",
              known[i].text);
}

int main(void)
{
    char dir[] = "/tmp/test_base.XXXXXX";
    if (mkdtemp(dir) == NULL)
        return 1;
    test_err();
    test_counted();
    test_escape();
    test_num();
    test_hash();
    test_rng();
    for (const uint64_t *n = (const uint64_t[]){2, 3, 4, 5, 7, 16, 17, 40, 0}; *n > 0; n++)
        test_uniform(*n);
    test_pool();
    test_file(dir);
    test_out(dir);
    rmdir(dir);
    return END_TESTS();
}
