#include "image/augment_internal.h"

#include <math.h>
#include <string.h>

#include "base/real_internal.h"
#include "base/rng_internal.h"

/* The last coordinate of a generator: which augmentation draws from it. */
enum { DRAW_FLIP, DRAW_CROP, DRAW_LOW_RES, DRAW_PHOTOMETRIC };

void augment_flip(uint8_t *pixels, int h, int w)
{
    for (int y = 0; y < h; y++) {
        uint8_t *left = pixels + (size_t)y * (size_t)w * 3, *right = left + ((size_t)w - 1) * 3;
        for (; left < right; left += 3, right -= 3) {
            uint8_t pixel[3];
            memcpy(pixel, left, 3);
            memcpy(left, right, 3);
            memcpy(right, pixel, 3);
        }
    }
}

void augment_keep(uint8_t *pixels, int top, int left, int ch, int cw, int h, int w)
{
    size_t line = (size_t)w * 3, before = (size_t)left * 3, kept = (size_t)cw * 3;
    memset(pixels, 0, (size_t)top * line);
    for (int y = top; y < top + ch; y++) {
        uint8_t *row = pixels + (size_t)y * line;
        memset(row, 0, before);
        memset(row + before + kept, 0, line - before - kept);
    }
    memset(pixels + (size_t)(top + ch) * line, 0, (size_t)(h - top - ch) * line);
}

/* torchvision's RandomResizedCrop draws its rectangle like this: an area of 0.2 to 1 of the
 * image's and a ratio of width to height between 3/4 and 4/3, uniform in its logarithm; ten
 * tries to fit, then the largest centred rectangle whose ratio is allowed. */
static void crop(uint8_t *pixels, Rng *rng, int h, int w)
{
    const double narrow = 3.0 / 4, wide = 4.0 / 3;
    for (int attempt = 0; attempt < 10; attempt++) {
        double area = (double)h * w * rng_range(rng, 0.2, 1);
        double ratio = exp(rng_range(rng, log(narrow), log(wide)));
        double cw = rint(sqrt(area * ratio)), ch = rint(sqrt(area / ratio));
        if (cw >= 1 && cw <= w && ch >= 1 && ch <= h) {
            int top = (int)rng_below(rng, (uint64_t)(h - (int)ch + 1));
            int left = (int)rng_below(rng, (uint64_t)(w - (int)cw + 1));
            augment_keep(pixels, top, left, (int)ch, (int)cw, h, w);
            return;
        }
    }
    int cw = (int)fmax(1, fmin(w, rint(h * wide)));
    int ch = (int)fmax(1, fmin(h, rint(w / narrow)));
    augment_keep(pixels, (h - ch) / 2, (w - cw) / 2, ch, cw, h, w);
}

static void low_res(uint8_t *pixels, Rng *rng, void *scratch, int h, int w)
{
    double ratio = rng_range(rng, 0.2, 1);
    int sh = (int)fmax(1, ratio * h), sw = (int)fmax(1, ratio * w);
    Filter down = (Filter)rng_below(rng, FILTER_COUNT);
    Filter up = (Filter)rng_below(rng, FILTER_COUNT);
    augment_degrade(pixels, sh, sw, down, up, scratch, h, w);
}

/* ITU-R 601 luma in 16-bit fixed point, rounded. */
static inline int grey(const uint8_t *pixel)
{
    return (19595 * pixel[0] + 38470 * pixel[1] + 7471 * pixel[2] + 0x8000) >> 16;
}

static inline uint8_t blend(int from, int to, float factor)
{
    float value = (float)from + factor * (float)(to - from);
    value = value < 0 ? 0 : value;
    return (uint8_t)(value > 255 ? 255 : value);
}

/* Every byte moves away from the same grey, or towards it. */
static void blend_all(uint8_t *pixels, int from, float factor, int h, int w)
{
    uint8_t table[256];
    for (int x = 0; x < 256; x++)
        table[x] = blend(from, x, factor);
    size_t bytes = (size_t)h * (size_t)w * 3;
    for (size_t i = 0; i < bytes; i++)
        pixels[i] = table[pixels[i]];
}

void augment_brightness(uint8_t *pixels, float factor, int h, int w)
{
    blend_all(pixels, 0, factor, h, w);
}

CLONES void augment_contrast(uint8_t *pixels, float factor, int h, int w)
{
    size_t count = (size_t)h * (size_t)w;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (uint64_t)grey(pixels + 3 * i);
    blend_all(pixels, (int)((double)sum / (double)count + 0.5), factor, h, w);
}

CLONES void augment_saturation(uint8_t *pixels, float factor, int h, int w)
{
    size_t count = (size_t)h * (size_t)w;
    for (size_t i = 0; i < count; i++) {
        uint8_t *pixel = pixels + 3 * i;
        int from = grey(pixel);
        pixel[0] = blend(from, pixel[0], factor);
        pixel[1] = blend(from, pixel[1], factor);
        pixel[2] = blend(from, pixel[2], factor);
    }
}

typedef void Change(uint8_t *pixels, float factor, int h, int w);

/* torchvision's ColorJitter with 0.5 for all three and no change of hue: the factors are uniform
 * in [0.5, 1.5], the order is random. */
static void photometric(uint8_t *pixels, Rng *rng, int h, int w)
{
    Change *const all[3] = {augment_brightness, augment_contrast, augment_saturation};
    int order[3] = {0, 1, 2};
    for (uint64_t left = 3; left > 0; left--) {
        uint64_t i = rng_below(rng, left);
        all[order[i]](pixels, (float)rng_range(rng, 0.5, 1.5), h, w);
        order[i] = order[left - 1];
    }
}

void augment_face(uint8_t *pixels, const Augment *augment, uint64_t seed, uint64_t epoch,
                  uint64_t position, void *scratch, int h, int w)
{
    Rng rng = rng_at(seed, epoch, position, DRAW_CROP);
    if (rng_unit(&rng) < augment->crop)
        crop(pixels, &rng, h, w);
    rng = rng_at(seed, epoch, position, DRAW_LOW_RES);
    if (rng_unit(&rng) < augment->low_res)
        low_res(pixels, &rng, scratch, h, w);
    rng = rng_at(seed, epoch, position, DRAW_PHOTOMETRIC);
    if (rng_unit(&rng) < augment->photometric)
        photometric(pixels, &rng, h, w);
    rng = rng_at(seed, epoch, position, DRAW_FLIP);
    if (rng_unit(&rng) < augment->flip)
        augment_flip(pixels, h, w);
}
