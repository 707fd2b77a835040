#include "layers/depthwise_kernels_internal.h"

#include <stddef.h>

#include "base/real_internal.h"

/* Channels are taken in blocks whose sums fit into registers: so many vectors, and then what is
 * left of the channels one vector and one number at a time. */
enum { VECTORS = 4, BLOCK = VECTORS * LANES };

/* Kernels of 3x3 with stride 1, a vector of channels at a time -----------------------------------
 *
 * A span of outputs side by side shares what it loads: seven outputs of a row take 27 pixels and 9
 * vectors of weights for 63 multiplications, where each by itself takes 18 loads for 9. Seven
 * divides the sides of nets for 112 pixels, eight and four those of nets for 32. With stride 2
 * there is less to share, and one output at a time was measured to be faster. */

enum { SPAN_MOST = 8 };

/* x and y begin at the same vector of channels, c numbers lie from pixel to pixel. */
typedef struct Three {
    int w, ow; /* pixels in a row of the input and of the output */
    int c, pad;
    int tap; /* numbers from one tap of the weights to the next: c, or -c for a kernel turned round
              */
} Three;

/* The pixels under the kernels of a span, zero beside the image. */
INLINE void load_span(Lanes *in, const real *row, const Three *t, int ox, int pixels, bool inside)
{
    int first = ox - t->pad;
    for (int i = 0; i < pixels + 2; i++)
        in[i] = inside || (first + i >= 0 && first + i < t->w)
                    ? *(const Lanes *)(row + (ptrdiff_t)(first + i) * t->c)
                    : (Lanes){0};
}

/* Outputs ox .. ox+count-1 of a row, from rows `taps` of the kernel; x begins at the row of tap 0.
 */
INLINE void span_forward(real *y, const real *x, const real *weight, const Three *t, Taps taps,
                         int ox, int pixels, bool inside, bool add)
{
    Lanes sum[SPAN_MOST], in[SPAN_MOST + 2];
    int count = inside || t->ow - ox > pixels ? pixels : t->ow - ox;
    for (int p = 0; p < pixels; p++)
        sum[p] = add && p < count ? *(const Lanes *)(y + (size_t)(ox + p) * t->c) : (Lanes){0};
    for (int ky = taps.first; ky < taps.end; ky++) {
        load_span(in, x + (ptrdiff_t)ky * t->w * t->c, t, ox, pixels, inside);
        for (int kx = 0; kx < 3; kx++) {
            Lanes w = *(const Lanes *)(weight + (ptrdiff_t)(3 * ky + kx) * t->tap);
            for (int p = 0; p < pixels; p++)
                sum[p] += in[p + kx] * w;
        }
    }
    for (int p = 0; p < count; p++)
        *(Lanes *)(y + (size_t)(ox + p) * t->c) = sum[p];
}

/* dweight[3,3] += from a span of a row of dy, which lies beside x as y does in span_forward(). */
INLINE void span_weight(Lanes sum[9], const real *dy, const real *x, const Three *t, Taps taps,
                        int ox, int pixels, bool inside)
{
    Lanes in[SPAN_MOST + 2], out[SPAN_MOST];
    for (int p = 0; p < pixels; p++)
        out[p] =
            inside || ox + p < t->ow ? *(const Lanes *)(dy + (size_t)(ox + p) * t->c) : (Lanes){0};
    for (int ky = 0; ky < 3; ky++) {
        if (ky < taps.first || ky >= taps.end)
            continue;
        load_span(in, x + (ptrdiff_t)ky * t->w * t->c, t, ox, pixels, inside);
        for (int p = 0; p < pixels; p++)
            for (int kx = 0; kx < 3; kx++)
                sum[3 * ky + kx] += in[p + kx] * out[p];
    }
}

/* Whether all pixels under the kernels of a span lie in the row, and all its outputs too. */
INLINE bool span_inside(const Three *t, int ox, int pixels)
{
    int first = ox - t->pad;
    return first >= 0 && first + pixels + 2 <= t->w && ox + pixels <= t->ow;
}

INLINE void row_forward(real *y, const real *x, const real *weight, const Three *t, Taps taps,
                        int channels, int pixels, bool add)
{
    for (int ox = 0; ox < t->ow; ox += pixels) {
        bool inside = span_inside(t, ox, pixels);
        for (int j = 0; j < channels; j += LANES)
            if (inside)
                span_forward(y + j, x + j, weight + j, t, taps, ox, pixels, true, add);
            else
                span_forward(y + j, x + j, weight + j, t, taps, ox, pixels, false, add);
    }
}

INLINE void row_weight(Lanes sum[9], const real *dy, const real *x, const Three *t, Taps taps,
                       int pixels)
{
    for (int ox = 0; ox < t->ow; ox += pixels)
        if (span_inside(t, ox, pixels))
            span_weight(sum, dy, x, t, taps, ox, pixels, true);
        else
            span_weight(sum, dy, x, t, taps, ox, pixels, false);
}

/* Channels taken through an image together: few enough that three rows of them stay in the
 * first-level cache, and enough that they do not all fall into the same few lines of it. */
enum { ABREAST = 4 * LANES };

INLINE Three three_of(const Shape *s, int tap)
{
    return (Three){.w = s->w, .ow = s->ow, .c = s->c, .pad = s->pad, .tap = tap};
}

/* One image; pixels is a constant where this is inlined. */
INLINE void three_forward(real *y, const real *x, const real *weight, const Shape *s, int tap,
                          int pixels, bool add)
{
    Three t = three_of(s, tap);
    for (int j = 0; j < s->c; j += ABREAST)
        for (int oy = 0; oy < s->oh; oy++) {
            Taps taps = taps_at(oy, s->h, 3, 1, s->pad);
            row_forward(y + (size_t)oy * s->ow * s->c + j,
                        x + (ptrdiff_t)taps.origin * s->w * s->c + j, weight + j, &t, taps,
                        s->c - j < ABREAST ? s->c - j : ABREAST, pixels, add);
        }
}

INLINE void three_weight(real *dweight, const real *dy, const real *x, const Shape *s, int pixels)
{
    Three t = three_of(s, s->c);
    for (int j = 0; j < s->c; j += LANES) {
        Lanes sum[9] = {0};
        for (int oy = 0; oy < s->oh; oy++) {
            Taps taps = taps_at(oy, s->h, 3, 1, s->pad);
            row_weight(sum, dy + (size_t)oy * s->ow * s->c + j,
                       x + (ptrdiff_t)taps.origin * s->w * s->c + j, &t, taps, pixels);
        }
        for (int k = 0; k < 9; k++)
            *(Lanes *)(dweight + (size_t)k * s->c + j) += sum[k];
    }
}

FOR_WIDTH static void three_image(real *y, const real *x, const real *weight, const Shape *s,
                                  int tap, bool add)
{
    if (s->ow % 7 == 0)
        three_forward(y, x, weight, s, tap, 7, add);
    else if (s->ow <= 4)
        three_forward(y, x, weight, s, tap, 4, add);
    else
        three_forward(y, x, weight, s, tap, SPAN_MOST, add);
}

FOR_WIDTH static void three_image_weight(real *dweight, const real *dy, const real *x,
                                         const Shape *s)
{
    if (s->ow % 7 == 0)
        three_weight(dweight, dy, x, s, 7);
    else
        three_weight(dweight, dy, x, s, 4);
}

/* Kernels of any size -------------------------------------------------------------------------- */

/* y = sum over taps of x . weight for `vectors` vectors of channels at one output pixel */
INLINE void forward_block(real *y, const real *x, const real *weight, const Shape *s,
                          const Meeting *m, int vectors)
{
    Lanes sum[VECTORS] = {0};
    for (int ky = m->y.first; ky < m->y.end; ky++)
        for (int kx = m->x.first; kx < m->x.end; kx++) {
            const Lanes *xi = (const Lanes *)(x + pixel_under(s, m, ky, kx));
            const Lanes *wi = (const Lanes *)(weight + (size_t)(ky * s->kernel + kx) * s->c);
            for (int v = 0; v < vectors; v++)
                sum[v] += xi[v] * wi[v];
        }
    for (int v = 0; v < vectors; v++)
        ((Lanes *)y)[v] = sum[v];
}

INLINE void forward_one(real *y, const real *x, const real *weight, const Shape *s,
                        const Meeting *m)
{
    real sum = 0;
    for (int ky = m->y.first; ky < m->y.end; ky++)
        for (int kx = m->x.first; kx < m->x.end; kx++)
            sum += x[pixel_under(s, m, ky, kx)] * weight[(size_t)(ky * s->kernel + kx) * s->c];
    *y = sum;
}

FOR_WIDTH static void any_forward(real *y, const real *x, const real *weight, int n,
                                  const Shape *shape)
{
    int c = shape->c;
    for (int i = 0; i < n; i++, x += (size_t)shape->h * shape->w * c)
        for (int oy = 0; oy < shape->oh; oy++)
            for (int ox = 0; ox < shape->ow; ox++, y += c) {
                Meeting m = meeting(shape, oy, ox);
                int j = 0;
                for (; j + BLOCK <= c; j += BLOCK)
                    forward_block(y + j, x + j, weight + j, shape, &m, VECTORS);
                for (; j + LANES <= c; j += LANES)
                    forward_block(y + j, x + j, weight + j, shape, &m, 1);
                for (; j < c; j++)
                    forward_one(y + j, x + j, weight + j, shape, &m);
            }
}

const DepthwiseKernels OF_WIDTH(depthwise_kernels) = {three_image, three_image_weight, any_forward};
