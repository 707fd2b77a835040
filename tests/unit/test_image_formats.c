/* image/: WebP, GIF, TIFF, BMP, AVIF: right pixels; cut and damaged files; sizes beyond the limits
 */
#include "../pictures.h"
#include "image/decode.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

enum { H = 6, W = 8 };

typedef struct File {
    const char *name;
    const uint8_t *bytes;
    size_t size;
    int within; /* of the right value */
    bool turned;
} File;

#define FILE_OF(name, within, turned)                                                              \
    {                                                                                              \
#name, picture_##name, sizeof picture_##name, within, turned                               \
    }
static const File files[] = {
    FILE_OF(webp, 0, false), FILE_OF(webp_turned, 0, true), FILE_OF(gif, 0, false),
    FILE_OF(tiff, 0, false), FILE_OF(tiff_cmyk, 1, true),   FILE_OF(bmp, 0, false),
};

static void expect(const Image *image, const File *file)
{
    int worst = 0;
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const int v = file->turned ? H - 1 - y : y, u = file->turned ? W - 1 - x : x;
            const int right[3] = {u < 4 ? 255 : 0, 40 * v, u < 4 ? 0 : 255};
            for (int k = 0; k < 3; k++) {
                int d = abs(image->pixels[3 * (y * W + x) + k] - right[k]);
                worst = d > worst ? d : worst;
            }
        }
    CHECK(worst <= file->within, "%s: off by %d", file->name, worst);
}

static bool reads(Decoder *decoder, Image *image, const uint8_t *bytes, size_t size)
{
    Err err = {0};
    uint8_t *copy = malloc(size + 1); /* so that a byte too far is seen */
    memcpy(copy, bytes, size);
    bool read = decoder_read(decoder, image, copy, size, &err) == 0;
    CHECK(read == !err_is_set(&err), "a reason where it fails");
    free(copy);
    return read;
}

static void test_pixels(Decoder *decoder)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        Image image;
        bool read = reads(decoder, &image, files[i].bytes, files[i].size);
        CHECK(read && image.h == H && image.w == W, "%s", files[i].name);
        if (read)
            expect(&image, &files[i]);
    }
}

/* AVIF where libheif is: near enough, and otherwise a message that names it. */
static void test_avif(Decoder *decoder)
{
    const File file = FILE_OF(avif, 8, false);
    Image image;
    Err err = {0};
    if (decoder_read(decoder, &image, file.bytes, file.size, &err) == 0)
        expect(&image, &file);
    else
        CHECK(strstr(err.text, "HEIF") != NULL, "%s", err.text);
}

/* A file that was cut anywhere is an error, or has lost nothing of its picture. */
static void test_cut(Decoder *decoder)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        for (size_t size = 1; size < files[i].size; size++) {
            Image image;
            if (reads(decoder, &image, files[i].bytes, size))
                expect(&image, &files[i]);
        }
}

static void little(uint8_t *to, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* A BMP of Windows' header, `extra` bytes of masks and colours and then pixels */
static size_t make_bmp(uint8_t *file, int w, int h, int bits, int compression, const void *extra,
                       size_t extras, const void *pixels, size_t n)
{
    memset(file, 0, 54);
    memcpy(file, "BM", 2);
    little(file + 2, (uint32_t)(54 + extras + n), 4);
    little(file + 10, (uint32_t)(54 + extras), 4);
    little(file + 14, 40, 4);
    little(file + 18, (uint32_t)w, 4);
    little(file + 22, (uint32_t)h, 4);
    little(file + 26, 1, 2);
    little(file + 28, (uint32_t)bits, 2);
    little(file + 30, (uint32_t)compression, 4);
    if (bits <= 8)
        little(file + 46, (uint32_t)(extras / 4), 4);
    memcpy(file + 54, extra, extras);
    memcpy(file + 54 + extras, pixels, n);
    return 54 + extras + n;
}

typedef struct Bitmap {
    const char *name;
    int w, h, bits, compression;
    const char *extra;
    size_t extras;
    const char *pixels;
    size_t n;
    const char *right; /* rgb, rows from the top; NULL: refused */
} Bitmap;

#define BYTES(s) s, sizeof(s) - 1
#define TABLE    "\3\2\1\0\6\5\4\0" /* colours 1 2 3 and 4 5 6 */
static const Bitmap bitmaps[] = {
    {"one bit", 3, 2, 1, 0, BYTES(TABLE), BYTES("\x40...\xa0..."),
     "\4\5\6\1\2\3\4\5\6\1\2\3\4\5\6\1\2\3"},
    {"from the top", 1, -2, 24, 0, BYTES(""), BYTES("\3\2\1.\6\5\4."), "\1\2\3\4\5\6"},
    {"without its last padding", 1, 2, 24, 0, BYTES(""), BYTES("\6\5\4.\3\2\1"), "\1\2\3\4\5\6"},
    {"five bits", 2, 1, 16, 0, BYTES(""), BYTES("\x1f\x7c\x00\x02"),
     "\xff\0\xff\0\x84\0"}, /* 16 of 31 is 131.6 of 255 */
    {"masks", 1, 1, 16, 3, BYTES("\0\xf8\0\0\xe0\7\0\0\x1f\0\0\0"), BYTES("\xe0\xff.."),
     "\xff\xff\0"},
    {"runs of bytes", 4, 2, 8, 1, BYTES(TABLE), BYTES("\3\1\0\0\0\3\1\0\1\0\1\0\0\1"),
     "\4\5\6\1\2\3\4\5\6\1\2\3\4\5\6\4\5\6\4\5\6\1\2\3"},
    {"runs of half bytes", 3, 1, 4, 2, BYTES(TABLE), BYTES("\3\x10\0\1"), "\4\5\6\1\2\3\4\5\6"},
    {"a run that moves on", 2, 2, 8, 1, BYTES(TABLE), BYTES("\0\2\1\1\1\1\0\1"),
     "\1\2\3\4\5\6\1\2\3\1\2\3"},
    {"a run beyond the row", 1, 1, 8, 1, BYTES(TABLE), BYTES("\xff\1\0\1"), "\4\5\6"},
    {"runs that end early", 2, 2, 8, 1, BYTES(TABLE), BYTES("\2\1\0\0\0\3\1"), NULL},
    {"a colour that is not there", 1, 1, 8, 0, BYTES(TABLE), BYTES("\7..."), "\0\0\0"},
    {"no colours", 1, 1, 8, 0, BYTES(""), BYTES("\0"), NULL},
    {"JPEG inside", 1, 1, 24, 4, BYTES(""), BYTES("\xff\xd8\xff"), NULL},
    {"seven bits", 1, 1, 7, 0, BYTES(""), BYTES("...."), NULL},
    {"no width", 0, 1, 24, 0, BYTES(""), BYTES("...."), NULL},
    {"less than nothing", -1, 1, 24, 0, BYTES(""), BYTES("...."), NULL},
    {"no height", 1, INT32_MIN, 24, 0, BYTES(""), BYTES("...."), NULL},
    {"a row missing", 1, 3, 24, 0, BYTES(""), BYTES("\6\5\4.\3\2\1."), NULL},
};

static void test_bitmaps(Decoder *decoder)
{
    for (size_t i = 0; i < sizeof bitmaps / sizeof *bitmaps; i++) {
        const Bitmap *b = &bitmaps[i];
        uint8_t file[256];
        Image image = {0};
        size_t size = make_bmp(file, b->w, b->h, b->bits, b->compression, b->extra, b->extras,
                               b->pixels, b->n);
        bool read = reads(decoder, &image, file, size);
        CHECK(read == (b->right != NULL), "%s: %s", b->name, read ? "read" : "refused");
        if (read && b->right != NULL)
            CHECK(image.w == b->w && image.h == abs(b->h) &&
                      memcmp(image.pixels, b->right, image_bytes(image.h, image.w)) == 0,
                  "%s", b->name);
    }
}

/* Headers that promise more than the limit are refused before there is memory for it. */
static void test_limit(Decoder *decoder)
{
    const DecodeRules few = {H * W - 1, false}, usual = {IMAGE_MAX_PIXELS, false};
    decoder_set(decoder, &few);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        int h, w;
        Err err = {0};
        CHECK(decoder_size(decoder, &h, &w, files[i].bytes, files[i].size, &err) == -1 &&
                  strstr(err.text, "limit") != NULL,
              "%s: %s", files[i].name, err.text);
    }
    decoder_set(decoder, &usual);
}

/* A frame of a GIF that lies outside of its picture; one that covers only a part of it. */
static void test_frames(Decoder *decoder)
{
    uint8_t gif[sizeof picture_gif];
    Image image;
    size_t at = 0;
    memcpy(gif, picture_gif, sizeof gif);
    while (at + 10 < sizeof gif && !(gif[at] == ',' && gif[at + 5] == W && gif[at + 7] == H))
        at++;
    CHECK(at + 10 < sizeof gif, "its frame is found");
    gif[at + 1] = 1;
    CHECK(!reads(decoder, &image, gif, sizeof gif), "a frame too far to the right");
    gif[6] = W + 1;
    CHECK(reads(decoder, &image, gif, sizeof gif) && image.w == W + 1 && image.pixels[3] == 255 &&
              image.pixels[4] == 0,
          "a column without a frame");
}

int main(void)
{
    Err err = {0};
    Decoder *decoder = decoder_new(&err);
    if (decoder == NULL)
        return 1;
    test_pixels(decoder);
    test_avif(decoder);
    test_cut(decoder);
    test_bitmaps(decoder);
    test_limit(decoder);
    test_frames(decoder);
    decoder_free(decoder);
    return END_TESTS();
}
