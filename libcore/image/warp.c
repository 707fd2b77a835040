#include "image/warp_internal.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/real_internal.h"

enum { SPAN = 128 }; /* pixels of a row that are worked on at a time */

/* One axis of interpolation: two neighbours, as byte offsets, and their weights. A neighbour beyond
 * the image is replaced by the edge, with no weight unless the edge repeats. */
typedef struct Taps {
    int at[2][SPAN];
    float weight[2][SPAN];
} Taps;

/* Positions start + i * step on an axis of `size` pixels, each `bytes` from the next. Without
 * branches, so that it vectorises. */
INLINE void find_taps(Taps *taps, int n, float start, float step, int size, int bytes, Edge edge)
{
    const int repeat = edge == EDGE_REPEAT, end = size - 1;
    const float far = (float)size + 1;
#pragma omp simd
    for (int i = 0; i < n; i++) {
        float x = start + (float)i * step;
        x = x > -2 ? x : -2; /* farther out makes no difference, and NaN becomes a number */
        x = x < far ? x : far;
        int first = (int)(x + 2) - 2, second = first + 1; /* rounds down: x + 2 >= 0 */
        float part = x - (float)first;
        int first_in = repeat | ((first >= 0) & (first <= end));
        int second_in = repeat | ((second >= 0) & (second <= end));
        taps->weight[0][i] = (1 - part) * (float)first_in;
        taps->weight[1][i] = part * (float)second_in;
        first = first > 0 ? first : 0;
        second = second > 0 ? second : 0;
        taps->at[0][i] = (first < end ? first : end) * bytes;
        taps->at[1][i] = (second < end ? second : end) * bytes;
    }
}

/* The pixel at byte p as one word, red lowest; what its highest byte holds is not defined. */
INLINE uint32_t load_pixel(const uint8_t *pixels, int p, int last)
{
    uint32_t word;
    if (p == last) /* a fourth byte would be beyond the image */
        return (uint32_t)pixels[p] | (uint32_t)pixels[p + 1] << 8 | (uint32_t)pixels[p + 2] << 16;
    memcpy(&word, pixels + p, sizeof word);
    return word;
}

/* The four neighbours of each pixel, upper left first, and what they weigh */
typedef struct Neighbours {
    uint32_t word[4][SPAN];
    float weight[4][SPAN];
} Neighbours;

/* Positions start + i * step, i < n, on an axis of an image */
typedef struct Line {
    float start, step;
} Line;

/* Whether both neighbours lie on an axis of `size` pixels at all positions, with room behind them.
 * Positions grow or fall all along a span, so its ends tell. */
INLINE bool inside(Line line, int n, int size)
{
    const float end = (float)(size - 3), last = line.start + (float)(n - 1) * line.step;
    return line.start >= 0 && last >= 0 && line.start < end && last < end;
}

/* Two neighbours by one load of eight bytes. Separate from the arithmetic, which vectorises only
 * when it reads from one array after the other. */
INLINE void load_inside(Neighbours *near, int n, const int *at, Image in)
{
    const uint8_t *below = in.pixels + image_bytes(1, in.w);
    for (int i = 0; i < n; i++) {
        uint64_t top, bottom;
        memcpy(&top, in.pixels + at[i], sizeof top);
        memcpy(&bottom, below + at[i], sizeof bottom);
        near->word[0][i] = (uint32_t)top;
        near->word[1][i] = (uint32_t)(top >> 24);
        near->word[2][i] = (uint32_t)bottom;
        near->word[3][i] = (uint32_t)(bottom >> 24);
    }
}

INLINE void find_inside(Neighbours *near, int n, Line x, Line y, Image in)
{
    const int stride = 3 * in.w;
    int at[SPAN];
#pragma omp simd
    for (int i = 0; i < n; i++) {
        float px = x.start + (float)i * x.step, py = y.start + (float)i * y.step;
        int u = (int)px, v = (int)py;
        float right = px - (float)u, down = py - (float)v;
        near->weight[0][i] = (1 - down) * (1 - right);
        near->weight[1][i] = (1 - down) * right;
        near->weight[2][i] = down * (1 - right);
        near->weight[3][i] = down * right;
        at[i] = v * stride + 3 * u;
    }
    load_inside(near, n, at, in);
}

/* The same anywhere */
INLINE void find_anywhere(Neighbours *near, int n, Line lx, Line ly, Image in, Edge edge)
{
    const int last = (int)image_bytes(in.h, in.w) - 3;
    Taps x, y;
    find_taps(&x, n, lx.start, lx.step, in.w, 3, edge);
    find_taps(&y, n, ly.start, ly.step, in.h, 3 * in.w, edge);
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < n; i++) {
            near->weight[k][i] = y.weight[k / 2][i] * x.weight[k % 2][i];
            near->word[k][i] = load_pixel(in.pixels, y.at[k / 2][i] + x.at[k % 2][i], last);
        }
}

/* One channel of the four neighbours, where it stands in the word: a common factor of 2^shift does
 * no harm to a float and saves the shifting. */
#define CHANNEL(i, shift)                                                                          \
    ((uint32_t)(int)(weight[0][i] * (float)((int)word[0][i] & 255 << (shift)) +                    \
                     weight[1][i] * (float)((int)word[1][i] & 255 << (shift)) +                    \
                     weight[2][i] * (float)((int)word[2][i] & 255 << (shift)) +                    \
                     weight[3][i] * (float)((int)word[3][i] & 255 << (shift)) +                    \
                     (float)(1 << (shift)) / 2) &                                                  \
     (uint32_t)255 << (shift))

INLINE void blend(uint8_t *out, int n, const Neighbours *near)
{
    const uint32_t(*word)[SPAN] = near->word;
    const float(*weight)[SPAN] = near->weight;
    uint32_t mixed[SPAN];
#pragma omp simd
    for (int i = 0; i < n; i++)
        mixed[i] = CHANNEL(i, 0) | CHANNEL(i, 8) | CHANNEL(i, 16);
    for (int i = 0; i < n - 1; i++) /* the fourth byte is the next pixel's, which comes after */
        memcpy(out + 3 * i, &mixed[i], 4);
    memcpy(out + 3 * (n - 1), &mixed[n - 1], 3);
}

CLONES void image_warp(uint8_t *out, int h, int w, Image in, Similarity similarity, Edge edge)
{
    /* (x, y) = inverse (u, v): the transposed rotation over the square of the scale */
    double square = similarity.a * similarity.a + similarity.b * similarity.b;
    double a = similarity.a / square, b = -similarity.b / square;
    Neighbours near;
    for (int v = 0; v < h; v++)
        for (int u = 0; u < w; u += SPAN) {
            double du = u - similarity.tx, dv = v - similarity.ty;
            Line x = {(float)(a * du - b * dv), (float)a}, y = {(float)(b * du + a * dv), (float)b};
            int n = w - u < SPAN ? w - u : SPAN;
            if (inside(x, n, in.w) && inside(y, n, in.h))
                find_inside(&near, n, x, y, in);
            else
                find_anywhere(&near, n, x, y, in, edge);
            blend(out + ((size_t)v * (size_t)w + (size_t)u) * 3, n, &near);
        }
}

/* Which of `size` pixels lie from one place to another, with what interpolation and rounding touch
 */
static void find_range(int *begin, int *end, double from, double to, int size)
{
    const double spare = 1;
    *begin = (int)fmax(0, fmin(floor(from) - spare, size - 1));
    *end = (int)fmin(size, fmax(ceil(to) + spare + 1, *begin + 1));
}

Box image_warp_box(int h, int w, int image_h, int image_w, Similarity similarity)
{
    double square = similarity.a * similarity.a + similarity.b * similarity.b;
    double a = similarity.a / square, b = -similarity.b / square;
    double right = w - 1, down = h - 1;
    double x = -a * similarity.tx + b * similarity.ty, y = -b * similarity.tx - a * similarity.ty;
    Box box;
    find_range(&box.left, &box.right, x + fmin(0, a * right) + fmin(0, -b * down),
               x + fmax(0, a * right) + fmax(0, -b * down), image_w);
    find_range(&box.top, &box.bottom, y + fmin(0, b * right) + fmin(0, a * down),
               y + fmax(0, b * right) + fmax(0, a * down), image_h);
    return box;
}

/* What is written to is behind everything that is still to be read. */
static void halve(Image *image)
{
    int h = image->h / 2, w = image->w / 2;
    size_t stride = image_bytes(1, image->w);
    uint8_t *out = image->pixels;
    for (int v = 0; v < h; v++)
        for (int u = 0; u < w; u++)
            for (int k = 0; k < 3; k++) {
                const uint8_t *p = image->pixels + (size_t)(2 * v) * stride + 6 * u + k;
                *out++ = (uint8_t)((p[0] + p[3] + p[stride] + p[stride + 3] + 2) / 4);
            }
    image->h = h;
    image->w = w;
}

void image_shrink(Image *image, Similarity *similarity)
{
    Similarity s = *similarity;
    while (s.a * s.a + s.b * s.b <= 0.25 && image->h >= 2 && image->w >= 2) {
        halve(image);
        /* a pixel p of the halved image lies at 2 p + 1/2 of the one before */
        s.tx += (s.a - s.b) / 2;
        s.ty += (s.b + s.a) / 2;
        s.a *= 2;
        s.b *= 2;
    }
    *similarity = s;
}
