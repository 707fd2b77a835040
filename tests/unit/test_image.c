/* image/: decoding and encoding */
#include <png.h>

#include "base/file_internal.h"
#include "image/decode.h"
#include "image/encode_internal.h"
#include "unit.h"

enum { H = 23, W = 37 };

/* A smooth picture that tells up from down, left from right, and the channels apart. */
static void paint(uint8_t *pixels)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            uint8_t *p = pixels + (y * W + x) * 3;
            p[0] = (uint8_t)(40 + 5 * x);
            p[1] = (uint8_t)(20 + 9 * y);
            p[2] = (uint8_t)(200 - 2 * x - 3 * y);
        }
}

/* A PNG of random samples, of the given type, depth and interlacing; returns its size. */
static size_t make_png(uint8_t *out, size_t room, int type, int depth, int interlace,
                       const uint8_t *samples)
{
    FILE *f = fmemopen(out, room, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, f);
    png_set_IHDR(png, info, W, H, depth, type, interlace, 0, 0);
    png_color palette[256] = {{0}};
    for (int i = 0; i < 256; i++)
        palette[i] = (png_color){(png_byte)i, (png_byte)(255 - i), (png_byte)(i / 2)};
    if (type == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, palette, 1 << depth);
    png_write_info(png, info);
    size_t stride = png_get_rowbytes(png, info);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (size_t y = 0; y < H; y++)
            png_write_row(png, samples + y * stride);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    size_t size = (size_t)ftell(f);
    fclose(f);
    return size;
}

/* What channel k of pixel i must be, for the samples given to make_png() (depth 8 or 16). */
static int expected(const uint8_t *samples, int type, int depth, int i, int k)
{
    int channels = (type & PNG_COLOR_MASK_COLOR && type != PNG_COLOR_TYPE_PALETTE ? 3 : 1) +
                   (type & PNG_COLOR_MASK_ALPHA ? 1 : 0);
    int at = i * channels + (channels >= 3 ? k : 0);
    if (depth == 16)
        return (int)lround((samples[2 * at] * 256 + samples[2 * at + 1]) / 257.0);
    int v = samples[at];
    return type != PNG_COLOR_TYPE_PALETTE ? v : k == 0 ? v : k == 1 ? 255 - v : v / 2;
}

static void test_png_kinds(Decoder *decoder, const uint8_t *samples)
{
    static const struct {
        int type, depth;
        const char *name;
    } kinds[] = {{PNG_COLOR_TYPE_GRAY, 8, "grey"},          {PNG_COLOR_TYPE_GRAY, 16, "grey 16"},
                 {PNG_COLOR_TYPE_GRAY_ALPHA, 8, "GA"},      {PNG_COLOR_TYPE_RGB, 8, "RGB"},
                 {PNG_COLOR_TYPE_RGB, 16, "RGB 16"},        {PNG_COLOR_TYPE_RGB_ALPHA, 8, "RGBA"},
                 {PNG_COLOR_TYPE_RGB_ALPHA, 16, "RGBA 16"}, {PNG_COLOR_TYPE_PALETTE, 8, "palette"}};
    static uint8_t file[1 << 16];
    for (size_t kind = 0; kind < 2 * (sizeof kinds / sizeof kinds[0]); kind++) {
        int type = kinds[kind / 2].type, depth = kinds[kind / 2].depth, lace = (int)kind % 2;
        size_t size = make_png(file, sizeof file, type, depth, lace, samples);
        Err err = {0};
        Image image;
        int rc = decoder_read(decoder, &image, file, size, &err), wrong = 0;
        for (int i = 0; rc == 0 && i < H * W * 3; i++)
            wrong += image.pixels[i] != expected(samples, type, depth, i / 3, i % 3);
        CHECK(rc == 0 && image.h == H && image.w == W && wrong == 0, "%s%s PNG, %d wrong %s",
              kinds[kind / 2].name, lace ? " interlaced" : "", wrong, err.text);
    }
}

/* How many of the file's proper beginnings are taken for an image. Each is a copy of exactly its
 * length, so that a sanitizer sees a byte read beyond. */
static int accepted_cuts(Decoder *decoder, const uint8_t *bytes, size_t size)
{
    int accepted = 0;
    for (size_t cut = 0; cut < size; cut++) {
        Image image;
        Err err = {0};
        uint8_t *copy = malloc(cut > 0 ? cut : 1);
        memcpy(copy, bytes, cut);
        accepted += decoder_read(decoder, &image, copy, cut, &err) == 0 || !err_is_set(&err);
        free(copy);
    }
    return accepted;
}

static void test_png(Decoder *decoder, Encoder *encoder, const Image *picture)
{
    Err err = {0};
    Image back;
    const uint8_t *bytes;
    size_t size;
    CHECK(encoder_png(encoder, &bytes, &size, picture, &err) == 0, "PNG is written %s", err.text);
    CHECK(decoder_read(decoder, &back, bytes, size, &err) == 0 && back.h == H && back.w == W &&
              memcmp(back.pixels, picture->pixels, H * W * 3) == 0,
          "PNG comes back as it was %s", err.text);
    CHECK(accepted_cuts(decoder, bytes, size) == 0, "a PNG of %zu bytes is refused at every cut",
          size);
}

static void test_jpeg(Decoder *decoder, Encoder *encoder, const Image *picture)
{
    Err err = {0};
    Image back;
    const uint8_t *bytes;
    size_t size;
    CHECK(encoder_jpeg(encoder, &bytes, &size, picture, 95, &err) == 0, "JPEG is written %s",
          err.text);
    int h, w, worst = 0;
    CHECK(decoder_size(decoder, &h, &w, bytes, size, &err) == 0 && h == H && w == W,
          "its size from its header");
    CHECK(decoder_read(decoder, &back, bytes, size, &err) == 0, "and comes back %s", err.text);
    for (int i = 0; i < H * W * 3; i++)
        worst = abs(back.pixels[i] - picture->pixels[i]) > worst
                    ? abs(back.pixels[i] - picture->pixels[i])
                    : worst;
    CHECK(worst <= 12, "within 12 grey levels: %d", worst);
    static uint8_t place[H * W * 3];
    CHECK(decoder_read_to(decoder, place, H, W, bytes, size, &err) == 0 &&
              memcmp(place, back.pixels, sizeof place) == 0,
          "the same pixels in a place of ours");
    CHECK(decoder_read_to(decoder, place, W, H, bytes, size, &err) == -1 &&
              strcmp(err.text, "37 x 23 pixels (w x h), not 23 x 37") == 0,
          "another size is refused: %s", err.text);
    CHECK(accepted_cuts(decoder, bytes, size) == 0, "a JPEG of %zu bytes is refused at every cut",
          size);
}

/* Any byte changed: an error or an image, no crash, and the next sound image is read as ever. */
static void test_flips(Decoder *decoder, Encoder *encoder, const Image *picture)
{
    for (int kind = 0; kind < 2; kind++) {
        Err err = {0};
        const uint8_t *bytes;
        size_t size, strange = 0, spoiled = 0;
        int rc = kind == 0 ? encoder_jpeg(encoder, &bytes, &size, picture, 90, &err)
                           : encoder_png(encoder, &bytes, &size, picture, &err);
        CHECK(rc == 0, "%s to be damaged", kind == 0 ? "a JPEG" : "a PNG");
        uint8_t *copy = malloc(size);
        for (size_t at = 0; rc == 0 && at < size; at++) {
            Image back;
            memcpy(copy, bytes, size);
            copy[at] ^= (uint8_t)(1 << at % 8);
            err = (Err){0};
            strange += (decoder_read(decoder, &back, copy, size, &err) == 0) == err_is_set(&err);
            spoiled += decoder_read(decoder, &back, bytes, size, &(Err){0}) != 0;
        }
        free(copy);
        CHECK(strange == 0, "a changed byte gives an image or a message");
        CHECK(spoiled == 0, "and does not spoil the next image: %zu of %zu", spoiled, size);
    }
}

static int read_text(Decoder *decoder, Image *image, const char *text, size_t size, Err *err)
{
    *err = (Err){0};
    return decoder_read(decoder, image, (const uint8_t *)text, size, err);
}

static void test_pnm(Decoder *decoder)
{
    Err err;
    Image image;
    CHECK(read_text(decoder, &image, "P6 # red, then blue\n2 1\n255\n\xff\0\0\0\0\xff", 35, &err) ==
                  0 &&
              image.w == 2 && image.h == 1 && memcmp(image.pixels, "\xff\0\0\0\0\xff", 6) == 0,
          "PPM with a comment %s", err.text);
    CHECK(read_text(decoder, &image, "P5 1 2 3 \1\3", 11, &err) == 0 && image.h == 2 &&
              memcmp(image.pixels, "\x55\x55\x55\xff\xff\xff", 6) == 0,
          "PGM, its maximum scaled to 255 %s", err.text);
    CHECK(read_text(decoder, &image, "P5 1 2 3 \1", 10, &err) == -1, "cut: %s", err.text);
    CHECK(read_text(decoder, &image, "P5 0 2 255 ", 11, &err) == -1, "no width: %s", err.text);
    CHECK(read_text(decoder, &image, "P5 99999999999 2 255 ", 21, &err) == -1, "%s", err.text);
    CHECK(read_text(decoder, &image, "P6 32768 32768 255 ", 19, &err) == -1 &&
              strstr(err.text, "limit") != NULL,
          "%s", err.text);
    CHECK(read_text(decoder, &image, "", 0, &err) == -1, "%s", err.text);
    CHECK(read_text(decoder, &image, "hello", 5, &err) == -1, "%s", err.text);
}

/* A PNG whose header claims four thousand million pixels has to be refused before it is believed.
 */
static void test_bomb(Decoder *decoder)
{
    Err err;
    Image image;
    CHECK(read_text(decoder, &image, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x80\0\0\0\x80\0\x8\2\0\0\0",
                    29, &err) == -1 &&
              strstr(err.text, "limit") != NULL,
          "%s", err.text);
    CHECK(read_text(decoder, &image,
                    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\0\0\x80\0\x8\2\0\0\0", 29,
                    &err) == -1 &&
              strstr(err.text, "limit") != NULL,
          "%s", err.text);
}

/* The 20 JPEGs of an InsightFace .bin against their pixels as decoded by others. */
static void test_fixture(Decoder *decoder)
{
    const char *dir = getenv("FACE_DATA") != NULL ? getenv("FACE_DATA") : "../shared/data";
    char path[512];
    size_t packed = 0, size = 0;
    Err err = {0};
    snprintf(path, sizeof path, "%s/fixtures/small_lfw.bin", dir);
    uint8_t *bin = (uint8_t *)file_read(path, 1 << 20, &packed, &err);
    snprintf(path, sizeof path, "%s/fixtures/small_lfw_20_rgb_u8.npy", dir);
    char *npy = file_read(path, 1 << 20, &size, &err);
    if (bin == NULL || npy == NULL) {
        CHECK(true, "real faces # skip no fixtures in %s", dir);
        free(bin);
        free(npy);
        return;
    }
    const size_t face = 112 * 112 * 3;
    const uint8_t *pixels = (uint8_t *)npy + size - 20 * face;
    int count = 0, same = 0;
    for (size_t at = 5; at + 3 < packed && count < 20; at++) {
        if (bin[at - 5] != 'B' || !image_is_jpeg(bin + at, packed - at))
            continue; /* pickled bytes: a B, 32 bits of length, the bytes */
        uint32_t length;
        memcpy(&length, bin + at - 4, sizeof length);
        Image image;
        if (length <= packed - at && decoder_read(decoder, &image, bin + at, length, &err) == 0 &&
            image_bytes(image.h, image.w) == face)
            same += memcmp(image.pixels, pixels + (size_t)count * face, face) == 0;
        count++;
    }
    CHECK(count == 20 && same == 20, "%d of %d real faces decode to the reference's bytes %s", same,
          count, err.text);
    free(bin);
    free(npy);
}

int main(void)
{
    static uint8_t pixels[H * W * 3], samples[H * W * 8];
    Err err = {0};
    Decoder *decoder = decoder_new(&err);
    Encoder *encoder = encoder_new(&err);
    Image picture = {pixels, H, W};
    if (decoder == NULL || encoder == NULL)
        return 1;
    paint(pixels);
    for (size_t i = 0; i < sizeof samples; i++)
        samples[i] = (uint8_t)(i * 2654435761u >> 13);
    test_png_kinds(decoder, samples);
    test_png(decoder, encoder, &picture);
    test_jpeg(decoder, encoder, &picture);
    test_flips(decoder, encoder, &picture);
    test_pnm(decoder);
    test_bomb(decoder);
    test_fixture(decoder);
    encoder_free(encoder);
    decoder_free(decoder);
    return END_TESTS();
}
