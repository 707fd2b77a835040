/* image/: pictures as cameras and other programs write them */
#include <stdio.h> /* before jpeglib.h, which needs it */

#include <jpeglib.h>

#include "image/decode.h"
#include "image_file.h"
#include "unit.h"

static void paint(uint8_t *pixels)
{
    for (int i = 0; i < H * W; i++) {
        pixels[3 * i] = (uint8_t)(7 * (i % W));
        pixels[3 * i + 1] = (uint8_t)(12 * (i / W));
        pixels[3 * i + 2] = (uint8_t)(255 - 3 * (i % W) - 5 * (i / W));
    }
}

/* What it takes to write one kind of JPEG */
typedef struct Kind {
    const char *name;
    J_COLOR_SPACE from, to;
    int channels, sampling; /* horizontal, of the first component */
    bool progressive, arithmetic, adobe;
    int restart;
} Kind;

static void make_jpeg(File *file, const Kind *kind, const uint8_t *samples)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *out = NULL;
    unsigned long size = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &out, &size);
    jpeg.image_width = W;
    jpeg.image_height = H;
    jpeg.input_components = kind->channels;
    jpeg.in_color_space = kind->from;
    jpeg_set_defaults(&jpeg);
    jpeg_set_colorspace(&jpeg, kind->to);
    jpeg_set_quality(&jpeg, 98, TRUE);
    jpeg.write_Adobe_marker = kind->adobe;
    jpeg.comp_info[0].h_samp_factor = kind->sampling;
    if (kind->sampling == 4)
        jpeg.comp_info[0].v_samp_factor = 1;
    jpeg.arith_code = kind->arithmetic;
    jpeg.restart_interval = (unsigned)kind->restart;
    if (kind->progressive)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    for (size_t y = 0; y < H; y++) {
        JSAMPROW row = (JSAMPROW)samples + y * W * (size_t)kind->channels;
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    memcpy(file->bytes, out, size);
    file->size = size;
    free(out);
}

static const Kind plain = {"plain", JCS_RGB, JCS_YCbCr, 3, 1, false, false, false, 0};

/* Takes all segments of one marker out of a JPEG's header. */
static void strip(File *file, uint8_t marker)
{
    for (size_t at = 2; file->bytes[at + 1] != 0xda;) {
        size_t length = 2u + (size_t)(file->bytes[at + 2] << 8 | file->bytes[at + 3]);
        if (file->bytes[at + 1] != marker) {
            at += length;
            continue;
        }
        memmove(file->bytes + at, file->bytes + at + length, file->size - at - length);
        file->size -= length;
    }
}

static int read_file(Decoder *decoder, Image *image, const File *file, Err *err)
{
    *err = (Err){0};
    return decoder_read(decoder, image, file->bytes, file->size, err);
}

static int worst_of(const Image *image, const uint8_t *expected)
{
    int worst = 0;
    for (int i = 0; i < BYTES; i++) {
        int off = abs(image->pixels[i] - expected[i]);
        worst = off > worst ? off : worst;
    }
    return worst;
}

/* Whatever stands before it, each file is read, or refused, as if it were alone. */
static void test_colours(Decoder *decoder, const uint8_t *pixels)
{
    static const Kind kinds[] = {
        {"progressive", JCS_RGB, JCS_YCbCr, 3, 2, true, false, false, 0},
        {"arithmetic", JCS_RGB, JCS_YCbCr, 3, 1, false, true, false, 0},
        {"4:1:1", JCS_RGB, JCS_YCbCr, 3, 4, false, false, false, 0},
        {"restart markers", JCS_RGB, JCS_YCbCr, 3, 1, false, false, false, 2},
        {"Adobe's RGB, transform 0", JCS_RGB, JCS_RGB, 3, 1, false, false, true, 0},
        {"CMYK of Adobe's", JCS_CMYK, JCS_CMYK, 4, 1, false, false, true, 0},
        {"CMYK without a marker", JCS_CMYK, JCS_CMYK, 4, 1, false, false, false, 0},
        {"YCCK of Adobe's", JCS_CMYK, JCS_YCCK, 4, 1, false, false, true, 0},
        {"CMYK, progressive", JCS_CMYK, JCS_CMYK, 4, 1, true, false, true, 0},
    };
    static uint8_t inks[H * W * 4];
    for (int i = 0; i < H * W; i++) { /* inverted: no ink is 255, so without black they are RGB */
        memcpy(inks + 4 * i, pixels + 3 * i, 3);
        inks[4 * i + 3] = 255;
    }
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        static File file;
        Image image = {0};
        Err err;
        make_jpeg(&file, &kinds[k], kinds[k].channels == 4 ? inks : pixels);
        int rc = read_file(decoder, &image, &file, &err);
        int worst = rc == 0 ? worst_of(&image, pixels) : 255;
        CHECK(rc == 0 && worst <= (kinds[k].sampling > 1 ? 24 : 10), "%s: off by %d %s",
              kinds[k].name, worst, err.text);
    }
}

/* The values that Pillow gives: k - round((255 - c) k / 255). */
static void test_inks(Decoder *decoder)
{
    static const Kind kind = {"CMYK", JCS_CMYK, JCS_CMYK, 4, 1, false, false, true, 0};
    static uint8_t inks[H * W * 4];
    static File file;
    Image image = {0};
    Err err;
    for (int i = 0; i < H * W; i++)
        memcpy(inks + 4 * i, (uint8_t[]){200, 100, 30, 128}, 4);
    make_jpeg(&file, &kind, inks);
    int rc = read_file(decoder, &image, &file, &err);
    const uint8_t *rgb = rc == 0 ? image.pixels : inks;
    CHECK(rc == 0 && abs(rgb[0] - 100) <= 1 && abs(rgb[1] - 50) <= 1 && abs(rgb[2] - 15) <= 1,
          "inks 200 100 30 128 are 100 50 15: %d %d %d %s", rgb[0], rgb[1], rgb[2], err.text);
}

static void test_tables(Decoder *decoder, const uint8_t *pixels)
{
    static File whole, bare, mjpeg;
    static uint8_t expected[BYTES];
    Image image;
    Err err;
    make_jpeg(&whole, &plain, pixels);
    bare = mjpeg = whole;
    strip(&bare, 0xdb);
    strip(&mjpeg, 0xc4);
    int refused = 0, read = 0;
    for (int i = 0; i < 4; i++) { /* alone, after itself, after a whole one */
        Decoder *fresh = decoder_new(&err);
        for (int before = 0; before < i; before++)
            read_file(fresh, &image, before == 2 ? &whole : &bare, &err);
        refused += read_file(fresh, &image, &bare, &err) != 0;
        decoder_free(fresh);
    }
    CHECK(refused == 4 && strstr(err.text, "uantization") != NULL,
          "a JPEG without its quantisation tables is refused, whatever was read before: %s",
          err.text);
    CHECK(read_file(decoder, &image, &whole, &err) == 0, "a whole one %s", err.text);
    memcpy(expected, image.pixels, BYTES);
    for (int i = 0; i < 2; i++)
        read += read_file(decoder, &image, &mjpeg, &err) == 0 &&
                memcmp(image.pixels, expected, BYTES) == 0;
    CHECK(read == 2, "a frame of Motion-JPEG, without Huffman tables, has the standard ones %s",
          err.text);
}

/* Stray bytes that touch no pixel, and those that may be all that is left of some */
static void test_stray(Decoder *decoder, const uint8_t *pixels)
{
    static File whole, file;
    static uint8_t expected[BYTES], junk[100];
    const DecodeRules strict = {IMAGE_MAX_PIXELS, false}, lenient = {IMAGE_MAX_PIXELS, true};
    Image image;
    Err err;
    memset(junk, 0x55, sizeof junk);
    make_jpeg(&whole, &plain, pixels);
    read_file(decoder, &image, &whole, &err);
    memcpy(expected, image.pixels, BYTES);
    file = whole;
    insert(&file, 20, "\0\0\0\0", 4);
    CHECK(read_file(decoder, &image, &file, &err) == 0 &&
              memcmp(image.pixels, expected, BYTES) == 0 && !decoder_damaged(decoder),
          "stray bytes between the segments of a header %s", err.text);
    file = whole;
    file.bytes[11] = 3; /* JFIF 3.01 */
    CHECK(read_file(decoder, &image, &file, &err) == 0, "an unknown revision of JFIF %s", err.text);
    file = whole;
    insert(&file, file.size - 2, junk, sizeof junk);
    CHECK(read_file(decoder, &image, &file, &err) != 0, "before the end mark: %s", err.text);
    decoder_set(decoder, &lenient);
    CHECK(read_file(decoder, &image, &file, &err) == 0 &&
              memcmp(image.pixels, expected, BYTES) == 0 && decoder_damaged(decoder),
          "which may be allowed %s", err.text);
    CHECK(read_file(decoder, &image, &whole, &err) == 0 && !decoder_damaged(decoder),
          "the next one is no damaged one");
    file = whole;
    file.size -= 60;
    CHECK(read_file(decoder, &image, &file, &err) == 0 && decoder_damaged(decoder) &&
              memcmp(image.pixels, expected, BYTES / 4) == 0,
          "of a cut one what there is %s", err.text);
    decoder_set(decoder, &strict);
    CHECK(read_file(decoder, &image, &file, &err) != 0, "or not: %s", err.text);
}

/* Netpbm ------------------------------------------------------------------------------------ */

static void test_netpbm(Decoder *decoder)
{
#define TEXT(text) text, sizeof text - 1
    static const struct {
        const char *what, *file;
        size_t size;
        int h, w;
        const char *pixels;
    } good[] = {
        {"P1", TEXT("P1 # comment\n3 1\n10 1"), 1, 3, "\0\0\0\xff\xff\xff\0\0"},
        {"P2", TEXT("P2\n2 1\n3\n1 # one\n9"), 1, 2, "\x55\x55\x55\xff\xff\xff"},
        {"P3", TEXT("P3 1 1 255 1 2 3"), 1, 1, "\1\2\3"},
        {"P4", TEXT("P4\n3 2\n\x5f\xa0"), 2, 3,
         "\xff\xff\xff\0\0\0\xff\xff\xff\0\0\0\xff\xff\xff\0\0\0"},
        {"P5, 16 bits", TEXT("P5\n2 1\n65535\n\x80\0\xff\xff"), 1, 2, "\x80\x80\x80\xff\xff\xff"},
        {"P6, 10 bits", TEXT("P6\n1 1\n1023\n\0\0\2\0\3\xff"), 1, 1, "\0\x80\xff"},
        {"P7, RGB",
         TEXT("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n\1\2\3"), 1, 1,
         "\1\2\3"},
        {"P7, grey and alpha",
         TEXT("P7\n# c\nHEIGHT 1\nWIDTH 2\nMAXVAL 1\nDEPTH 2\nENDHDR\n\1\0\0\1"), 1, 2,
         "\xff\xff\xff\0\0\0"},
        {"P7, RGBA, 16 bits",
         TEXT("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 65535\nENDHDR\n\xff\xff\0\0\x80\0\0\0"), 1, 1,
         "\xff\0\x80"},
        {"two in a file", TEXT("P5 1 1 255 \7P5 1 1 255 \1"), 1, 1, "\7\7\7"},
    };
    static const struct {
        const char *file;
        size_t size;
    } bad[] = {
        {TEXT("P1 3 1\n10 ")},
        {TEXT("P1 3 1\n102")},
        {TEXT("P2 2 1 255\n1")},
        {TEXT("P2 2 1 255\n1 x")},
        {TEXT("P2 2 1 255\n1 -2")},
        {TEXT("P3 1 1 255 1 2")},
        {TEXT("P4\n9 1\n\x5f")},
        {TEXT("P5\n2 1\n65536\n\1\1")},
        {TEXT("P5\n2 1\n65535\n\1\1\1")},
        {TEXT("P5\n2 1\n0\n\1\1")},
        {TEXT("P7\nWIDTH 1\nHEIGHT 1\nMAXVAL 255\nENDHDR\n\1")},
        {TEXT("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 9\nMAXVAL 255\nENDHDR\n123456789")},
        {TEXT("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\n")},
        {TEXT("P2 2 1 255")},
        {TEXT("P3 9999999999 1 255 1")},
        {TEXT("P1 30000 30000 1")},
        {TEXT("P6 #")},
    };
#undef TEXT
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        Image image = {0};
        Err err = {0};
        CHECK(decoder_read(decoder, &image, (const uint8_t *)good[i].file, good[i].size, &err) ==
                      0 &&
                  image.h == good[i].h && image.w == good[i].w &&
                  memcmp(image.pixels, good[i].pixels,
                         (size_t)(good[i].h * good[i].w) * 3 - (i == 0)) == 0,
              "%s %s", good[i].what, err.text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Image image;
        Err err = {0};
        uint8_t *copy = malloc(bad[i].size);
        memcpy(copy, bad[i].file, bad[i].size);
        CHECK(decoder_read(decoder, &image, copy, bad[i].size, &err) == -1 && err_is_set(&err),
              "refused: %s", err.text);
        free(copy);
    }
}

static void test_limit(Decoder *decoder)
{
    static const char ppm[] =
        "P5 8 8 255 0123456701234567012345670123456701234567012345670123456701234567";
    const DecodeRules few = {63, false}, enough = {64, false}, usual = {IMAGE_MAX_PIXELS, false};
    Image image;
    Err err = {0};
    decoder_set(decoder, &few);
    CHECK(decoder_read(decoder, &image, (const uint8_t *)ppm, sizeof ppm, &err) == -1 &&
              strstr(err.text, "limit") != NULL,
          "%s", err.text);
    decoder_set(decoder, &enough);
    CHECK(decoder_read(decoder, &image, (const uint8_t *)ppm, sizeof ppm, &err) == 0, "at it");
    decoder_set(decoder, &usual);
}

static void test_names(Decoder *decoder)
{
    static const char *const files[][2] = {
        {"RIFF\x24..\1WEBPVP8 ", "broken WebP"},
        {"...\x18"
         "ftypheic",
         "HEIF"},
        {"...\x20"
         "ftypavif",
         "HEIF"},
        {"GIF89a", "broken GIF"},
        {"<html>404</html>", "HTML"},
        {"  <!DOCTYPE html>", "HTML"},
        {"version https://git-lfs.github.com/spec/v1", "git lfs pull"},
        {"%PDF-1.4", "PDF"},
        {"\x1f\x8b\x08", "gzip"},
        {"8BPS", "PNG or JPEG"},
        {"hello", "not an image"},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        Image image;
        Err err = {0};
        CHECK(decoder_read(decoder, &image, (const uint8_t *)files[i][0], strlen(files[i][0]),
                           &err) == -1 &&
                  strstr(err.text, files[i][1]) != NULL,
              "%s", err.text);
    }
}

int main(void)
{
    static uint8_t pixels[BYTES];
    Err err = {0};
    Decoder *decoder = decoder_new(&err);
    if (decoder == NULL)
        return 1;
    paint(pixels);
    test_colours(decoder, pixels);
    test_inks(decoder);
    test_tables(decoder, pixels);
    test_stray(decoder, pixels);
    test_netpbm(decoder);
    test_limit(decoder);
    test_names(decoder);
    decoder_free(decoder);
    return END_TESTS();
}
