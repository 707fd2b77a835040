/* fuzz_fixtures [MOST [SEED]]: real files of the field ($FACE_DATA/fixtures), each cut short and
 * with a byte changed, at MOST places spread over the file; everywhere if it has no more. Images
 * that the damage reaches are decoded. Nothing may crash, hang, or ask for much memory, and no cut
 * file may be taken for a whole one. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_internal.h"
#include "image/decode.h"
#include "lists/label_list_internal.h"
#include "readers.h"

enum { LIMIT = 1 << 24, ITEMS = 64, SECONDS = 20 };

static int64_t read_list(const char *file, int form, Look *look, Err *err)
{
    Table table = {0};
    const char *kind;
    (void)form;
    (void)look;
    int64_t n = label_list_read(&table, file, &kind, err) == 0 ? (int64_t)table.paths.n : -1;
    table_release(&table);
    return n;
}

typedef struct Fixture {
    const char *name;    /* what is damaged */
    const char *operand; /* what is read; NULL: the same */
    Reader *read;
    int form;
    int64_t rows;
    bool strict; /* no shorter file is a sound one */
} Fixture;

static const Fixture fixtures[] = {
    {"train.rec", NULL, read_source, SOURCE_REC, 8, true},
    {"train.idx", "train.rec", read_source, SOURCE_REC, 8, false},
    {"train.lst", NULL, read_list, 0, 8, false},
    {"small_lfw.bin", NULL, read_source, SOURCE_BIN, 20, true},
    {"small_dataset.tar", NULL, read_source, SOURCE_PHOTOS, 11, false},
    {"small_lfw_20_rgb_u8.npy", NULL, read_source, SOURCE_NPY, 20, true},
    {"small_lfw_20_faceplugin_f32.npy", NULL, read_vectors, VECTORS_NPY, 20, true},
};
enum { FIXTURES = sizeof fixtures / sizeof fixtures[0] };

/* The items of the file that is being damaged, when it was whole */
static uint8_t *whole[ITEMS];
static size_t whole_size[ITEMS];
static Decoder *decoder;
static int64_t decoded, sound;

static void keep(const Item *item, int64_t number)
{
    if (number >= ITEMS || item->bytes == NULL)
        return;
    whole[number] = malloc(item->size + 1);
    if (whole[number] == NULL)
        exit(1);
    memcpy(whole[number], item->bytes, item->size);
    whole_size[number] = item->size;
}

/* An image that is what it was need not be decoded again. memcmp reads all of it, and is watched.
 */
static void decode(const Item *item, int64_t number)
{
    Image image;
    Err err = {0};
    if (item->bytes == NULL)
        return;
    if (number < ITEMS && whole[number] != NULL && whole_size[number] == item->size &&
        memcmp(whole[number], item->bytes, item->size) == 0)
        return;
    decoded++;
    if (decoder_read(decoder, &image, item->bytes, item->size, &err) == 0) {
        touch(image.pixels, image_bytes(image.h, image.w));
        sound++;
    } else if (!err_is_set(&err)) {
        abort();
    }
}

static void copy(const char *name, const char *from, uint8_t **bytes, size_t *size)
{
    char path[4096];
    Err err = {0};
    snprintf(path, sizeof path, "%s/%s", from, name);
    *bytes = (uint8_t *)file_read(path, LIMIT, size, &err);
    FILE *f = *bytes != NULL ? fopen(name, "wb") : NULL;
    if (f == NULL || fwrite(*bytes, 1, *size, f) != *size || fclose(f) != 0) {
        printf("Bail out! %s: %s\n", path, err.text);
        exit(1);
    }
}

static int64_t try(const Fixture *f, Look *look)
{
    Err err = {0};
    alarm(SECONDS);
    int64_t n = f->read(f->operand != NULL ? f->operand : f->name, f->form, look, &err);
    if ((n < 0) != err_is_set(&err))
        abort();
    return n;
}

static void put(const Fixture *f, size_t at, uint8_t byte)
{
    FILE *file = fopen(f->name, "r+b");
    if (file == NULL || fseek(file, (long)at, SEEK_SET) != 0 || fputc(byte, file) == EOF ||
        fclose(file) != 0)
        exit(1);
}

/* Each byte is inverted, which changes types and sizes much, and has its lowest bit changed. */
static bool damage(const Fixture *f, const char *from, uint64_t most, uint64_t seed)
{
    uint8_t *bytes;
    size_t size, cuts = 0, changes = 0;
    int64_t longer = 0;
    copy(f->name, from, &bytes, &size);
    int64_t rows = try(f, keep);
    size_t step = most < size ? size / (size_t)most : 1, first = (size_t)seed % step;
    decoded = sound = 0;
    for (size_t at = first; at < size; at += step, changes++)
        for (int k = 0; k < 2; k++) {
            put(f, at, bytes[at] ^ (k == 0 ? 0xff : 0x01));
            try(f, decode);
            put(f, at, bytes[at]);
        }
    for (size_t n = size; n-- > 0;)
        if (n % step == first) {
            if (truncate(f->name, (off_t)n) != 0)
                exit(1);
            int64_t found = try(f, decode);
            longer += f->strict ? found >= rows : found > rows;
            cuts++;
        }
    printf(
        "# %s: %zu bytes, %lld rows; %zu cuts, %zu bytes changed twice; %lld images decoded, %lld "
        "of them sound\n",
        f->name, size, (long long)rows, cuts, changes, (long long)decoded, (long long)sound);
    for (int i = 0; i < ITEMS; i++) {
        free(whole[i]);
        whole[i] = NULL;
    }
    free(bytes);
    return rows == f->rows && longer == 0;
}

static void remove_all(const char *folder)
{
    for (int i = 0; i < FIXTURES; i++)
        unlink(fixtures[i].name);
    if (chdir("/") == 0)
        rmdir(folder);
}

int main(int argc, char **argv)
{
    uint64_t most = argc > 1 ? strtoull(argv[1], NULL, 10) : 200;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    const char *data = getenv("FACE_DATA");
    char from[4096], folder[] = "/tmp/fuzz.XXXXXX";
    int failed = 0;
    Err err = {0};
    snprintf(from, sizeof from, "%s/fixtures", data != NULL ? data : "../shared/data");
    if (most == 0 || access(from, R_OK) != 0) {
        printf("1..0 # SKIP no %s\n", from);
        return 0;
    }
    char *absolute = realpath(from, NULL);
    decoder = decoder_new(&err);
    if (absolute == NULL || decoder == NULL || mkdtemp(folder) == NULL || chdir(folder) != 0)
        return 1;
    printf("# damaged files are in %s\n", folder);
    fflush(stdout);
    for (int i = 0; i < FIXTURES; i++) {
        uint8_t *bytes;
        size_t size;
        for (int k = 0; k < FIXTURES; k++) { /* whole again: they may be read beside it */
            copy(fixtures[k].name, absolute, &bytes, &size);
            free(bytes);
        }
        bool ok = damage(&fixtures[i], absolute, most, seed);
        printf("%s %d - %s, cut and changed\n", ok ? "ok" : "not ok", i + 1, fixtures[i].name);
        fflush(stdout);
        failed += !ok;
    }
    printf("1..%d\n", FIXTURES);
    remove_all(folder);
    decoder_free(decoder);
    free(absolute);
    return failed != 0;
}
