/* image/: the way up that EXIF says */
#include <zlib.h>

#include "image/decode.h"
#include "image/encode_internal.h"
#include "image_file.h"
#include "unit.h"

static int read_file(Decoder *decoder, Image *image, const File *file, Err *err)
{
    *err = (Err){0};
    return decoder_read(decoder, image, file->bytes, file->size, err);
}

static void make_file(File *file, const uint8_t *pixels, bool png)
{
    const uint8_t *bytes;
    Image picture = {(uint8_t *)pixels, H, W};
    Err err = {0};
    Encoder *encoder = encoder_new(&err);
    if (png ? encoder_png(encoder, &bytes, &file->size, &picture, &err)
            : encoder_jpeg(encoder, &bytes, &file->size, &picture, 98, &err))
        exit(1);
    memcpy(file->bytes, bytes, file->size);
    encoder_free(encoder);
}

static void put_number(uint8_t *at, unsigned value, int n, bool big)
{
    for (int i = 0; i < n; i++)
        at[i] = (uint8_t)(value >> 8 * (big ? n - 1 - i : i));
}

/* A TIFF of two entries; the second is the orientation. Returns its size. */
static size_t make_tiff(uint8_t *out, unsigned orientation, bool big)
{
    memset(out, 0, 38);
    memcpy(out, big ? "MM" : "II", 2);
    put_number(out + 2, 42, 2, big);
    put_number(out + 4, 8, 4, big);
    put_number(out + 8, 2, 2, big);
    for (int i = 0; i < 2; i++) {
        uint8_t *entry = out + 10 + 12 * i;
        put_number(entry, i == 0 ? 0x10f : 0x112, 2, big);
        put_number(entry + 2, i == 0 ? 2 : 3, 2, big);
        put_number(entry + 4, 1, 4, big);
        put_number(entry + 8, orientation, 2, big);
    }
    return 38;
}

static void add_exif(File *file, const uint8_t *tiff, size_t size)
{
    uint8_t head[10] = {0xff, 0xe1, 0, 0, 'E', 'x', 'i', 'f', 0, 0};
    put_number(head + 2, (unsigned)size + 8, 2, true);
    insert(file, 2, tiff, size);
    insert(file, 2, head, sizeof head);
}

static void add_chunk(File *file, size_t at, const uint8_t *tiff, size_t size)
{
    uint8_t chunk[64] = {0, 0, 0, 0, 'e', 'X', 'I', 'f'};
    put_number(chunk, (unsigned)size, 4, true);
    memcpy(chunk + 8, tiff, size);
    put_number(chunk + 8 + size, (unsigned)crc32(0, chunk + 4, (uInt)size + 4), 4, true);
    insert(file, at, chunk, size + 12);
}

/* Where the pixel that is seen at (y, x) is stored */
static const uint8_t *stored_at(const uint8_t *pixels, int orientation, int y, int x)
{
    const int at[9][2] = {
        {0},    {y, x},         {y, W - 1 - x},         {H - 1 - y, W - 1 - x}, {H - 1 - y, x},
        {x, y}, {H - 1 - x, y}, {H - 1 - x, W - 1 - y}, {x, W - 1 - y}};
    return pixels + 3 * (at[orientation][0] * W + at[orientation][1]);
}

static int wrong_pixels(const Image *image, Box box, const uint8_t *stored, int orientation)
{
    int wrong = 0;
    for (int y = box.top; y < box.bottom; y++)
        for (int x = box.left; x < box.right; x++)
            wrong += memcmp(image->pixels + 3 * (y * image->w + x),
                            stored_at(stored, orientation, y, x), 3) != 0;
    return wrong;
}

static void check_orientation(Decoder *decoder, const File *file, const uint8_t *stored,
                              int orientation, const char *what)
{
    static uint8_t place[BYTES];
    const bool swap = orientation >= 5;
    const int h = swap ? W : H, w = swap ? H : W;
    int found_h = 0, found_w = 0;
    Err err = {0};
    Image image = {0}, in_place = {place, h, w};
    int rc = decoder_read(decoder, &image, file->bytes, file->size, &err);
    CHECK(rc == 0 && image.h == h && image.w == w &&
              wrong_pixels(&image, (Box){0, 0, h, w}, stored, orientation) == 0,
          "%s, orientation %d %s", what, orientation, err.text);
    Box box = {3, 2, h - 5, w - 9};
    rc = decoder_size(decoder, &found_h, &found_w, file->bytes, file->size, &err);
    if (rc == 0)
        rc = decoder_part(decoder, &image, box, &err);
    CHECK(rc == 0 && found_h == h && found_w == w &&
              wrong_pixels(&image, box, stored, orientation) == 0,
          "%s, orientation %d: a part of it", what, orientation);
    CHECK(decoder_read_to(decoder, place, h, w, file->bytes, file->size, &err) == 0 &&
              wrong_pixels(&in_place, (Box){0, 0, h, w}, stored, orientation) == 0,
          "%s, orientation %d: in a place of ours", what, orientation);
}

static void test_orientations(Decoder *decoder, const uint8_t *pixels)
{
    static File jpeg, png, file;
    static uint8_t stored[BYTES];
    uint8_t tiff[64];
    Image image;
    Err err;
    make_file(&jpeg, pixels, false);
    make_file(&png, pixels, true);
    read_file(decoder, &image, &jpeg, &err);
    memcpy(stored, image.pixels, BYTES);
    for (int o = 1; o <= 8; o++)
        for (int big = 0; big < 2; big++) {
            size_t size = make_tiff(tiff, (unsigned)o, big);
            file = jpeg;
            add_exif(&file, tiff, size);
            check_orientation(decoder, &file, stored, o, big ? "JPEG, MM" : "JPEG, II");
            file = png;
            add_chunk(&file, 33, tiff, size);
            check_orientation(decoder, &file, pixels, o, big ? "PNG, MM" : "PNG, II");
            file = png;
            add_chunk(&file, file.size - 12, tiff, size);
            check_orientation(decoder, &file, pixels, o, "PNG, behind the pixels");
        }
}

/* EXIF that makes no sense says nothing. Each is given at exactly its length. */
static void test_broken_exif(Decoder *decoder, const uint8_t *pixels)
{
    static File jpeg, file;
    static uint8_t stored[BYTES];
    uint8_t good[64], tiff[64];
    Image image;
    Err err;
    int upright = 0, tried = 0;
    make_file(&jpeg, pixels, false);
    read_file(decoder, &image, &jpeg, &err);
    memcpy(stored, image.pixels, BYTES);
    const size_t size = make_tiff(good, 6, true);
    static const struct {
        size_t at;
        int n;
        unsigned value;
    } change[] = {{0, 2, 0x4d49}, {2, 2, 43}, {4, 4, 0},  {4, 4, 0xffffffff}, {4, 4, 37},
                  {8, 2, 0},      {8, 2, 1},  {10, 2, 0}, {24, 2, 2},         {26, 4, 2},
                  {26, 4, 0},     {30, 2, 0}, {30, 2, 9}, {30, 2, 0xffff}};
    for (size_t i = 0; i < sizeof change / sizeof change[0]; i++, tried++) {
        memcpy(tiff, good, size);
        put_number(tiff + change[i].at, change[i].value, change[i].n, true);
        file = jpeg;
        add_exif(&file, tiff, size);
        bool up = read_file(decoder, &image, &file, &err) == 0 &&
                  memcmp(image.pixels, stored, BYTES) == 0;
        upright += up || change[i].at == 10;
    }
    for (size_t cut = 0; cut < 34; cut++, tried++) {
        file = jpeg;
        add_exif(&file, good, cut);
        upright += read_file(decoder, &image, &file, &err) == 0 &&
                   memcmp(image.pixels, stored, BYTES) == 0;
    }
    CHECK(upright == tried, "%d of %d broken blocks of EXIF say nothing %s", upright, tried,
          err.text);
}

int main(void)
{
    static uint8_t pixels[BYTES];
    Err err = {0};
    Decoder *decoder = decoder_new(&err);
    if (decoder == NULL)
        return 1;
    for (int i = 0; i < BYTES; i++)
        pixels[i] = (uint8_t)(i * 37 >> 2);
    test_orientations(decoder, pixels);
    test_broken_exif(decoder, pixels);
    decoder_free(decoder);
    return END_TESTS();
}
