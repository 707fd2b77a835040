#include "image/warp.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/real.h"

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

/* Whether all four neighbours of every pixel lie inside the image, with room behind them. Positions
 * grow or fall all along a span, so its ends tell; a pixel to spare forgives their rounding. */
INLINE bool inside(int n, const Taps *x, const Taps *y, Image in)
{
    const int stride = 3 * in.w, right = 3 * (in.w - 3), bottom = stride * (in.h - 3);
    const int x0 = x->at[0][0], x1 = x->at[0][n - 1], y0 = y->at[0][0], y1 = y->at[0][n - 1];
    return x0 >= 3 && x1 >= 3 && x0 <= right && x1 <= right && y0 >= stride && y1 >= stride &&
           y0 <= bottom && y1 <= bottom;
}

/* word[t][i]: the four neighbours t of output pixel i, two of a row by one load of eight bytes.
 * Separate from the arithmetic, which vectorises only when it reads from one array after the
 * other. */
INLINE void load_inside(uint32_t word[4][SPAN], int n, const Taps *x, const Taps *y, Image in)
{
    const uint8_t *below = in.pixels + image_bytes(1, in.w);
    for (int i = 0; i < n; i++) {
        int p = y->at[0][i] + x->at[0][i];
        uint64_t top, bottom;
        memcpy(&top, in.pixels + p, sizeof top);
        memcpy(&bottom, below + p, sizeof bottom);
        word[0][i] = (uint32_t)top;
        word[1][i] = (uint32_t)(top >> 24);
        word[2][i] = (uint32_t)bottom;
        word[3][i] = (uint32_t)(bottom >> 24);
    }
}

/* The same anywhere */
INLINE void load_pixels(uint32_t word[4][SPAN], int n, const Taps *x, const Taps *y, Image in)
{
    const int last = (int)image_bytes(in.h, in.w) - 3;
    for (int i = 0; i < n; i++) {
        word[0][i] = load_pixel(in.pixels, y->at[0][i] + x->at[0][i], last);
        word[1][i] = load_pixel(in.pixels, y->at[0][i] + x->at[1][i], last);
        word[2][i] = load_pixel(in.pixels, y->at[1][i] + x->at[0][i], last);
        word[3][i] = load_pixel(in.pixels, y->at[1][i] + x->at[1][i], last);
    }
}

/* One channel of the four neighbours, where it stands in the word: a common factor of 2^shift does
 * no harm to a float and saves the shifting. */
#define CHANNEL(i, shift)                                                                          \
    ((uint32_t)(int)(w0 * (float)((int)word[0][i] & 255 << (shift)) +                              \
                     w1 * (float)((int)word[1][i] & 255 << (shift)) +                              \
                     w2 * (float)((int)word[2][i] & 255 << (shift)) +                              \
                     w3 * (float)((int)word[3][i] & 255 << (shift)) + (float)(1 << (shift)) / 2) & \
     (uint32_t)255 << (shift))

INLINE void blend(uint8_t *out, int n, const Taps *x, const Taps *y, Image in)
{
    uint32_t word[4][SPAN], mixed[SPAN];
    if (inside(n, x, y, in))
        load_inside(word, n, x, y, in);
    else
        load_pixels(word, n, x, y, in);
#pragma omp simd
    for (int i = 0; i < n; i++) {
        float w0 = y->weight[0][i] * x->weight[0][i], w1 = y->weight[0][i] * x->weight[1][i];
        float w2 = y->weight[1][i] * x->weight[0][i], w3 = y->weight[1][i] * x->weight[1][i];
        mixed[i] = CHANNEL(i, 0) | CHANNEL(i, 8) | CHANNEL(i, 16);
    }
    for (int i = 0; i < n - 1; i++) /* the fourth byte is the next pixel's, which comes after */
        memcpy(out + 3 * i, &mixed[i], 4);
    for (int k = 0; k < 3; k++)
        out[3 * (n - 1) + k] = (uint8_t)(mixed[n - 1] >> 8 * k);
}

CLONES void image_warp(uint8_t *out, int h, int w, Image in, Similarity similarity, Edge edge)
{
    /* (x, y) = inverse (u, v): the transposed rotation over the square of the scale */
    double square = similarity.a * similarity.a + similarity.b * similarity.b;
    double a = similarity.a / square, b = -similarity.b / square;
    Taps x, y;
    for (int v = 0; v < h; v++)
        for (int u = 0; u < w; u += SPAN) {
            double du = u - similarity.tx, dv = v - similarity.ty;
            int n = w - u < SPAN ? w - u : SPAN;
            find_taps(&x, n, (float)(a * du - b * dv), (float)a, in.w, 3, edge);
            find_taps(&y, n, (float)(b * du + a * dv), (float)b, in.h, 3 * in.w, edge);
            blend(out + ((size_t)v * (size_t)w + (size_t)u) * 3, n, &x, &y, in);
        }
}

/* Which of `size` pixels lie from one place to another, with what interpolation and rounding touch
 */
static void find_range(int *begin, int *end, double from, double to, int size)
{
    const double spare = 2;
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
