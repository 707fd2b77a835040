/* Down and up again: separable resampling, first over columns of pixels, then along rows. */
#include "image/augment_degrade_internal.h"

#include <math.h>
#include <string.h>

#include "base/real_internal.h"

enum { TAPS_MAX = 8 }; /* of the widest kernel, for an output pixel */

/* One source pixel's share in an output pixel. */
typedef struct Tap {
    int from;
    float weight;
} Tap;

/* How out pixels come from in pixels: taps[begin[o]] .. taps[begin[o + 1] - 1] make pixel o. There
 * are at most TAPS_MAX * out, or in + 2 * out for the area filter: room for TAPS_MAX * max(in, out)
 * is always enough. */
typedef struct Taps {
    int *begin; /* [out + 1] */
    Tap *tap;
} Taps;

typedef struct Scratch {
    float *columns; /* [h,w,3], resampled over columns only */
    Taps taps;
    uint8_t *small; /* [sh,sw,3] */
} Scratch;

static size_t longer(int h, int w)
{
    return (size_t)(h > w ? h : w);
}

size_t augment_scratch(int h, int w)
{
    size_t bytes = (size_t)h * (size_t)w * 3;
    return bytes * (sizeof(float) + 1) + longer(h, w) * TAPS_MAX * sizeof(Tap) +
           (longer(h, w) + 1) * sizeof(int);
}

static Scratch scratch_cut(void *scratch, int h, int w)
{
    size_t bytes = (size_t)h * (size_t)w * 3;
    Scratch s = {.columns = scratch};
    s.taps.tap = (Tap *)(s.columns + bytes);
    s.taps.begin = (int *)(s.taps.tap + longer(h, w) * TAPS_MAX);
    s.small = (uint8_t *)(s.taps.begin + longer(h, w) + 1);
    return s;
}

static double sinc(double t)
{
    return t == 0 ? 1 : sin(M_PI * t) / (M_PI * t);
}

/* The weight of a source pixel at distance t from the place sampled. */
static double kernel(Filter filter, double t)
{
    const double a = -0.75;
    t = fabs(t);
    if (filter == FILTER_LINEAR)
        return fmax(0, 1 - t);
    if (filter == FILTER_LANCZOS)
        return t < 4 ? sinc(t) * sinc(t / 4) : 0;
    if (t <= 1)
        return ((a + 2) * t - (a + 3)) * t * t + 1;
    return t < 2 ? a * (((t - 5) * t + 8) * t - 4) : 0;
}

/* 2 r taps around the place where the centre of output pixel o falls; pixels beyond the border
 * are those of the border. The weights add up to one. */
static int kernel_taps(Tap *tap, Filter filter, int o, int in, double scale)
{
    int r = filter == FILTER_LINEAR ? 1 : filter == FILTER_CUBIC ? 2 : 4;
    double place = (o + 0.5) * scale - 0.5, sum = 0;
    int first = (int)floor(place) - r + 1;
    double weight[TAPS_MAX];
    for (int k = 0; k < 2 * r; k++)
        sum += weight[k] = kernel(filter, place - (first + k));
    for (int k = 0; k < 2 * r; k++) {
        int from = first + k;
        tap[k].from = from < 0 ? 0 : from >= in ? in - 1 : from;
        tap[k].weight = (float)(weight[k] / sum);
    }
    return 2 * r;
}

/* Making smaller, each source pixel counts by its share of the output pixel's area. */
static int area_taps(Tap *tap, int o, int in, double scale)
{
    double low = o * scale, high = fmin(low + scale, in);
    int count = 0;
    for (int from = (int)low; from < high; from++) {
        double part = fmin(from + 1, high) - fmax(from, low);
        tap[count++] = (Tap){from, (float)(part / (high - low))};
    }
    return count;
}

/* Making larger, an output pixel that lies within a source pixel is that pixel, and one across
 * the border between two mixes them by area. */
static int area_taps_up(Tap *tap, int o, int in, double scale)
{
    int from = (int)(o * scale);
    double right = (o + 1) - (from + 1) / scale;
    right = right <= 0 ? 0 : right - floor(right);
    tap[0] = (Tap){from, (float)(1 - right)};
    tap[1] = (Tap){from + 1 < in ? from + 1 : from, (float)right};
    return 2;
}

static void taps_fill(Taps *taps, Filter filter, int in, int out)
{
    double scale = (double)in / out;
    int used = 0;
    for (int o = 0; o < out; o++) {
        Tap *tap = taps->tap + used;
        taps->begin[o] = used;
        if (filter == FILTER_NEAREST) {
            tap[0] = (Tap){(int)(o * scale), 1};
            used++;
        } else if (filter == FILTER_AREA) {
            used += in >= out ? area_taps(tap, o, in, scale) : area_taps_up(tap, o, in, scale);
        } else {
            used += kernel_taps(tap, filter, o, in, scale);
        }
    }
    taps->begin[out] = used;
}

/* y[out,line] from x[in,line] */
CLONES static void resample_columns(float *y, const uint8_t *x, const Taps *taps, int out,
                                    size_t line)
{
    for (int o = 0; o < out; o++) {
        float *to = y + (size_t)o * line;
        memset(to, 0, line * sizeof *to);
        for (int k = taps->begin[o]; k < taps->begin[o + 1]; k++) {
            const uint8_t *from = x + (size_t)taps->tap[k].from * line;
            float weight = taps->tap[k].weight;
            for (size_t i = 0; i < line; i++)
                to[i] += weight * (float)from[i];
        }
    }
}

static inline uint8_t round_byte(float value)
{
    value += 0.5f;
    value = value < 0 ? 0 : value;
    return (uint8_t)(value > 255 ? 255 : value);
}

/* y[h,out,3] from x[h,in,3] */
static void resample_rows(uint8_t *y, const float *x, const Taps *taps, int h, int in, int out)
{
    for (int row = 0; row < h; row++, x += (size_t)in * 3) {
        for (int o = 0; o < out; o++, y += 3) {
            float sum[3] = {0, 0, 0};
            for (int k = taps->begin[o]; k < taps->begin[o + 1]; k++) {
                const float *from = x + (size_t)taps->tap[k].from * 3;
                for (int c = 0; c < 3; c++)
                    sum[c] += taps->tap[k].weight * from[c];
            }
            for (int c = 0; c < 3; c++)
                y[c] = round_byte(sum[c]);
        }
    }
}

/* y[oh,ow,3] from x[h,w,3] */
static void resample(uint8_t *y, const uint8_t *x, Filter filter, Scratch *s, int oh, int ow, int h,
                     int w)
{
    taps_fill(&s->taps, filter, h, oh);
    resample_columns(s->columns, x, &s->taps, oh, (size_t)w * 3);
    taps_fill(&s->taps, filter, w, ow);
    resample_rows(y, s->columns, &s->taps, oh, w, ow);
}

void augment_degrade(uint8_t *pixels, int sh, int sw, Filter down, Filter up, void *scratch, int h,
                     int w)
{
    Scratch s = scratch_cut(scratch, h, w);
    resample(s.small, pixels, down, &s, sh, sw, h, w);
    resample(pixels, s.small, up, &s, h, w, sh, sw);
}
