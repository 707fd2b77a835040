/* image/: decoding a part of a JPEG, beside all of it and beside TurboJPEG */
#include <turbojpeg.h>

#include "base/rng_internal.h"
#include "image/decode.h"
#include "unit.h"

enum { H = 83, W = 101, BOXES = 60 };

static const char *const samplings[] = {"4:4:4", "4:2:2", "4:2:0", "grey", "4:4:0", "4:1:1"};

/* Noise, in which a pixel says nothing about the next */
static void make_noise(uint8_t *pixels, Rng *rng)
{
    for (int i = 0; i < H * W * 3; i++)
        pixels[i] = (uint8_t)rng_below(rng, 256);
}

static unsigned char *make_jpeg(unsigned long *size, const uint8_t *pixels, int sampling, int flags)
{
    unsigned char *file = NULL;
    tjhandle tj = tjInitCompress();
    if (tjCompress2(tj, pixels, W, 0, H, TJPF_RGB, &file, size, sampling, 85, flags) != 0)
        exit(1);
    tjDestroy(tj);
    return file;
}

static Box random_box(Rng *rng)
{
    int top = (int)rng_below(rng, H), left = (int)rng_below(rng, W);
    return (Box){top, left, top + 1 + (int)rng_below(rng, (uint64_t)(H - top)),
                 left + 1 + (int)rng_below(rng, (uint64_t)(W - left))};
}

static bool same_within(Box box, Image part, const uint8_t *whole)
{
    size_t row = (size_t)(box.right - box.left) * 3;
    for (int y = box.top; y < box.bottom; y++) {
        size_t at = (size_t)(y * W + box.left) * 3;
        if (memcmp(part.pixels + at, whole + at, row) != 0)
            return false;
    }
    return true;
}

static int read_part(Decoder *decoder, Image *image, Box box, const uint8_t *file, size_t size)
{
    int h, w;
    Err err = {0};
    return decoder_size(decoder, &h, &w, file, size, &err) != 0 || h != H || w != W
               ? -1
               : decoder_part(decoder, image, box, &err);
}

static void test_parts(Decoder *decoder, const uint8_t *file, size_t size, const char *what,
                       Rng *rng)
{
    static uint8_t whole[H * W * 3];
    Image image;
    Err err = {0};
    int same = 0;
    tjhandle tj = tjInitDecompress();
    CHECK(tjDecompress2(tj, file, size, whole, W, 0, H, TJPF_RGB, TJFLAG_ACCURATEDCT) == 0 &&
              decoder_read(decoder, &image, file, size, &err) == 0 &&
              memcmp(image.pixels, whole, sizeof whole) == 0,
          "%s: what TurboJPEG decodes", what);
    tjDestroy(tj);
    for (int i = 0; i < BOXES; i++) {
        Box box = random_box(rng);
        memset(image.pixels, 0xa5, sizeof whole);
        same += read_part(decoder, &image, box, file, size) == 0 && same_within(box, image, whole);
    }
    CHECK(same == BOXES, "%s: %d of %d parts are what the whole has there", what, same, BOXES);
}

/* Damage beside the box is seen like damage in it. */
static void test_damage(Decoder *decoder, const uint8_t *file, size_t size, const char *what,
                        Rng *rng)
{
    uint8_t *bad = malloc(size);
    Image image;
    int differ = 0, refused = 0, rounds = 400;
    for (int i = 0; i < rounds; i++) {
        Err err = {0};
        size_t length = i % 2 ? size : (size_t)rng_below(rng, size);
        memcpy(bad, file, size);
        if (i % 2)
            bad[rng_below(rng, size)] ^= (uint8_t)(1 + rng_below(rng, 255));
        int whole = decoder_read(decoder, &image, bad, length, &err);
        if (whole == 0 && (image.h != H || image.w != W))
            continue;
        differ += read_part(decoder, &image, random_box(rng), bad, length) != whole;
        refused += whole != 0;
    }
    CHECK(differ == 0 && refused >= rounds / 2, "%s: the same %d of %d damaged files are refused",
          what, refused, rounds);
    free(bad);
}

int main(void)
{
    static uint8_t pixels[H * W * 3];
    Err err = {0};
    Decoder *decoder = decoder_new(&err);
    Rng rng = rng_at(5, 0, 0, 0);
    if (decoder == NULL)
        return 1;
    for (int sampling = 0; sampling < TJ_NUMSAMP; sampling++)
        for (int progressive = 0; progressive < 2; progressive++) {
            char what[40];
            unsigned long size = 0;
            make_noise(pixels, &rng);
            snprintf(what, sizeof what, "%s%s", samplings[sampling],
                     progressive ? ", progressive" : "");
            unsigned char *file =
                make_jpeg(&size, pixels, sampling,
                          TJFLAG_ACCURATEDCT | (progressive ? TJFLAG_PROGRESSIVE : 0));
            test_parts(decoder, file, size, what, &rng);
            test_damage(decoder, file, size, what, &rng);
            tjFree(file);
        }
    decoder_free(decoder);
    return END_TESTS();
}
