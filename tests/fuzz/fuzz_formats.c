/* Files of other programs, each cut at every length and with every byte changed, through their
 * readers: nothing may crash, hang, or ask for much memory. Without an argument the large ones are
 * cut and changed at every seventh place only, a step that no alignment of theirs divides. */
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/npy_internal.h"
#include "format/zip_internal.h"
#include "mutate.h"
#include "readers.h"

enum { ROOM = 1 << 14 };

typedef struct Seed {
    const char *name;
    Reader *read;
    int form;
    int64_t rows;
    bool strict; /* no shorter file is a sound one */
    uint8_t bytes[ROOM];
    size_t size;
} Seed;

static char path[] = "/tmp/fuzz.XXXXXX";

static void put_file(int fd, const uint8_t *bytes, size_t size)
{
    if (ftruncate(fd, 0) != 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size)
        exit(1);
}

static void take_file(Seed *seed)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        exit(1);
    seed->size = fread(seed->bytes, 1, ROOM, f);
    fclose(f);
}

/* Seeds ------------------------------------------------------------------------------------- */

static size_t put_npy(uint8_t *out, NpyForm form, const void *data, size_t size)
{
    Err err = {0};
    if (npy_header((char *)out, &form, &err) != 0)
        exit(1);
    memcpy(out + NPY_HEADER, data, size);
    return NPY_HEADER + size;
}

static const float numbers[6] = {1, -2, .5f, 4, 5, 6};
static const int64_t labels[3] = {4, -1, 7};
static const char names[3][4] = {"a/b", "c", "d.e"};
static const uint8_t pixels[3 * 2 * 2 * 3] = {1, 2, 3, 4};
static const NpyForm floats_form = {.kind = 'f', .size = 4, .ndim = 2, .shape = {3, 2}};
static const NpyForm pixels_form = {.kind = 'u', .size = 1, .ndim = 4, .shape = {3, 2, 2, 3}};
static const NpyForm labels_form = {.kind = 'i', .size = 8, .ndim = 1, .shape = {3}};
static const NpyForm names_form = {.kind = 'S', .size = 4, .ndim = 1, .shape = {3}};

static void member(ZipWriter *zip, const char *name, NpyForm form, const void *data, size_t size)
{
    Err err = {0};
    char header[NPY_HEADER];
    if (npy_header(header, &form, &err) != 0 || zip_begin(zip, name, NPY_HEADER, &err) != 0 ||
        zip_write(zip, data, size, &err) != 0 || zip_end(zip, header, &err) != 0)
        exit(1);
}

static void make_npz(Seed *seed, const char *name, NpyForm form, const void *data, size_t size)
{
    Err err = {0};
    Out out;
    if (out_open(&out, path, &err) != 0)
        exit(1);
    ZipWriter zip = {.out = &out};
    member(&zip, name, form, data, size);
    member(&zip, "label.npy", labels_form, labels, sizeof labels);
    member(&zip, "names.npy", names_form, names, sizeof names);
    if (zip_finish(&zip, &err) != 0 || out_commit(&out, &err) != 0)
        exit(1);
    take_file(seed);
}

/* A tar of files, (name, bytes, size) each, ended by a name of NULL */
typedef struct File {
    const char *name;
    const void *bytes;
    size_t size;
} File;

static void make_tar(Seed *seed, const File *file)
{
    struct archive *tar = archive_write_new();
    archive_write_set_format_ustar(tar);
    archive_write_set_bytes_per_block(tar, 512);
    if (archive_write_open_memory(tar, seed->bytes, ROOM, &seed->size) != ARCHIVE_OK)
        exit(1);
    for (; file->name != NULL; file++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, file->name);
        archive_entry_set_size(entry, (la_int64_t)file->size);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0444);
        archive_write_header(tar, entry);
        archive_write_data(tar, file->bytes, file->size);
        archive_entry_free(entry);
    }
    archive_write_close(tar);
    archive_write_free(tar);
}

static void make_list(Seed *seed)
{
    static const char text[] = "a/b.jpg 1 -2.5e1 \nc 3 4\n";
    seed->size = sizeof text - 1;
    memcpy(seed->bytes, text, seed->size);
}

/* Tests ------------------------------------------------------------------------------------- */

static int64_t try(int fd, const Seed *seed, const uint8_t *bytes, size_t size)
{
    Err err = {0};
    put_file(fd, bytes, size);
    int64_t n = seed->read(path, seed->form, NULL, &err);
    if ((n < 0) != err_is_set(&err))
        abort();
    return n;
}

static bool test(int fd, const Seed *seed, bool thorough)
{
    static const uint8_t change[] = {0xff, 0x01};
    static uint8_t bytes[ROOM];
    bool small = seed->size < 1024;
    size_t changes = small ? sizeof change : 1, step = small || thorough ? 1 : 7;
    int64_t whole = try(fd, seed, seed->bytes, seed->size), longer = 0;
    for (size_t cut = 0; cut < seed->size; cut += step) {
        int64_t n = try(fd, seed, seed->bytes, cut);
        longer += seed->strict ? n >= 0 : n > seed->rows;
    }
    for (size_t at = 0; at < seed->size; at += step)
        for (size_t c = 0; c < changes; c++) {
            memcpy(bytes, seed->bytes, seed->size);
            bytes[at] ^= change[c];
            try(fd, seed, bytes, seed->size);
        }
    bool ok = whole == seed->rows && longer == 0;
    printf("# %s: %zu bytes, %lld rows\n", seed->name, seed->size, (long long)whole);
    return ok;
}

static Seed *all;
static int kinds;

__attribute__((unused)) static bool read_guided(const char *file, const Blob *input, uint64_t run)
{
    const Seed *seed = &all[run % (uint64_t)kinds];
    Err err = {0};
    (void)input;
    int64_t n = seed->read(file, seed->form, NULL, &err);
    if ((n < 0) != err_is_set(&err))
        abort();
    return n >= 0;
}

int main(int argc, char **argv)
{
    (void)argv;
    static const int32_t feature[6] = {2, 1, 4, 5, 0x3f800000, 0x40000000};
    static const File features[] = {{"a/b_1.jpg_net.bin", feature, sizeof feature}, {0}};
    static const File samples[] = {{"a/b.cls", "12", 2},
                                   {"a/b.ppm", "P6 1 1 255\nabc", 14},
                                   {"c.ppm", "P5 1 1 255\nx", 12},
                                   {0}};
    static uint8_t vector[NPY_HEADER + sizeof numbers];
    NpyForm row = {.kind = 'f', .size = 4, .ndim = 1, .shape = {6}};
    const File vectors[] = {{"a.npy", vector, put_npy(vector, row, numbers, sizeof numbers)}, {0}};
    static Seed seed[] = {{"npy of vectors", read_vectors, VECTORS_NPY, 3, true, {0}, 0},
                          {"npy in Fortran's order", read_vectors, VECTORS_NPY, 3, true, {0}, 0},
                          {"npz of vectors", read_vectors, VECTORS_NPZ, 3, true, {0}, 0},
                          {"feature in a tar", read_vectors, VECTORS_MEGAFACE, 1, false, {0}, 0},
                          {"list of features", read_vectors, VECTORS_MAGFACE, 2, false, {0}, 0},
                          {"npy of images", read_source, SOURCE_NPY, 3, true, {0}, 0},
                          {"npz of images", read_source, SOURCE_AUTO, 3, false, {0}, 0},
                          {"vectors in WebDataset", read_vectors, VECTORS_WDS, 1, false, {0}, 0},
                          {"WebDataset", read_source, SOURCE_WDS, 2, false, {0}, 0}};
    enum { SEEDS = sizeof seed / sizeof seed[0] };
    int fd = mkstemp(path), failed = 0;
    if (fd < 0)
        return 1;
    NpyForm fortran = floats_form;
    fortran.fortran = true;
    seed[0].size = put_npy(seed[0].bytes, floats_form, numbers, sizeof numbers);
    seed[1].size = put_npy(seed[1].bytes, fortran, numbers, sizeof numbers);
    make_npz(&seed[2], "embs.npy", floats_form, numbers, sizeof numbers);
    make_tar(&seed[3], features);
    make_list(&seed[4]);
    seed[5].size = put_npy(seed[5].bytes, pixels_form, pixels, sizeof pixels);
    make_npz(&seed[6], "image.npy", pixels_form, pixels, sizeof pixels);
    make_tar(&seed[7], vectors);
    make_tar(&seed[8], samples);
    close(fd); /* an .npz took the file's place */
    if ((fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600)) < 0)
        return 1;
    all = seed;
    kinds = SEEDS;
#ifdef FUZZ_GUIDED
    Blob blob[SEEDS];
    for (int i = 0; i < SEEDS; i++)
        blob[i] = (Blob){seed[i].bytes, seed[i].size};
    return fuzz("formats", read_guided, blob, SEEDS, argc, argv);
#endif
    printf("# the input is in %s\n", path);
    fflush(stdout);
    for (int i = 0; i < SEEDS; i++) {
        bool ok = test(fd, &seed[i], argc > 1);
        printf("%s %d - %s, cut and changed\n", ok ? "ok" : "not ok", i + 1, seed[i].name);
        fflush(stdout);
        failed += !ok;
    }
    printf("1..%d\n", SEEDS);
    close(fd);
    unlink(path);
    return failed != 0;
}
