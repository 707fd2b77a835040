#include "layers/depthwise_internal.h"

#include <stddef.h>
#include <string.h>

#include "layers/fit_internal.h"

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

INLINE bool is_three(const Shape *s)
{
    return s->kernel == 3 && s->c % LANES == 0 && s->stride == 1;
}

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

CLONES static void three_image(real *y, const real *x, const real *weight, const Shape *s, int tap,
                               bool add)
{
    if (s->ow % 7 == 0)
        three_forward(y, x, weight, s, tap, 7, add);
    else if (s->ow <= 4)
        three_forward(y, x, weight, s, tap, 4, add);
    else
        three_forward(y, x, weight, s, tap, SPAN_MOST, add);
}

CLONES static void three_image_weight(real *dweight, const real *dy, const real *x, const Shape *s)
{
    if (s->ow % 7 == 0)
        three_weight(dweight, dy, x, s, 7);
    else
        three_weight(dweight, dy, x, s, 4);
}

/* The shape of the convolution that gives dx: of dy, with the kernel turned round. */
INLINE Shape turned(const Shape *s)
{
    return (Shape){.h = s->oh,
                   .w = s->ow,
                   .c = s->c,
                   .oh = s->h,
                   .ow = s->w,
                   .o = s->c,
                   .kernel = 3,
                   .stride = 1,
                   .pad = 2 - s->pad};
}

/* Kernels of any size -------------------------------------------------------------------------- */

/* Where the kernel meets the image at one output pixel. */
typedef struct Meeting {
    Taps y, x;
} Meeting;

INLINE Meeting meeting(const Shape *s, int oy, int ox)
{
    return (Meeting){.y = taps_at(oy, s->h, s->kernel, s->stride, s->pad),
                     .x = taps_at(ox, s->w, s->kernel, s->stride, s->pad)};
}

INLINE size_t pixel_under(const Shape *s, const Meeting *m, int ky, int kx)
{
    return ((size_t)(m->y.origin + ky) * s->w + m->x.origin + kx) * s->c;
}

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

CLONES static void any_forward(real *y, const real *x, const real *weight, int n,
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

INLINE void multiply_add(real *restrict z, const real *restrict a, const real *restrict b, int c)
{
#pragma omp simd
    for (int j = 0; j < c; j++)
        z[j] += a[j] * b[j];
}

CLONES static void any_backward_input(real *dx, const real *dy, const real *weight, int n,
                                      const Shape *shape)
{
    int c = shape->c;
    for (int i = 0; i < n; i++, dx += (size_t)shape->h * shape->w * c)
        for (int oy = 0; oy < shape->oh; oy++)
            for (int ox = 0; ox < shape->ow; ox++, dy += c) {
                Meeting m = meeting(shape, oy, ox);
                for (int ky = m.y.first; ky < m.y.end; ky++)
                    for (int kx = m.x.first; kx < m.x.end; kx++)
                        multiply_add(dx + pixel_under(shape, &m, ky, kx), dy,
                                     weight + (size_t)(ky * shape->kernel + kx) * c, c);
            }
}

CLONES static void any_backward_weight(real *dweight, const real *dy, const real *x, int n,
                                       const Shape *shape)
{
    int c = shape->c;
    for (int i = 0; i < n; i++, x += (size_t)shape->h * shape->w * c)
        for (int oy = 0; oy < shape->oh; oy++)
            for (int ox = 0; ox < shape->ow; ox++, dy += c) {
                Meeting m = meeting(shape, oy, ox);
                for (int ky = m.y.first; ky < m.y.end; ky++)
                    for (int kx = m.x.first; kx < m.x.end; kx++)
                        multiply_add(dweight + (size_t)(ky * shape->kernel + kx) * c, dy,
                                     x + pixel_under(shape, &m, ky, kx), c);
            }
}

/* Both ---------------------------------------------------------------------------------------- */

static size_t input_size(const Shape *s)
{
    return (size_t)s->h * s->w * s->c;
}

static size_t output_size(const Shape *s)
{
    return (size_t)s->oh * s->ow * s->c;
}

void depthwise_forward(real *y, const real *x, const real *weight, int n, const Shape *s)
{
    if (!is_three(s))
        any_forward(y, x, weight, n, s);
    else
        for (int i = 0; i < n; i++)
            three_image(y + i * output_size(s), x + i * input_size(s), weight, s, s->c, false);
}

void depthwise_backward_input(real *dx, const real *dy, const real *weight, int n, const Shape *s,
                              bool fresh)
{
    if (is_three(s) && s->pad <= 2) {
        Shape back = turned(s);
        for (int i = 0; i < n; i++)
            three_image(dx + i * input_size(s), dy + i * output_size(s), weight + 8 * s->c, &back,
                        -s->c, !fresh);
        return;
    }
    if (fresh)
        memset(dx, 0, (size_t)n * input_size(s) * sizeof *dx);
    any_backward_input(dx, dy, weight, n, s);
}

void depthwise_backward_weight(real *dweight, const real *dy, const real *x, int n, const Shape *s)
{
    if (!is_three(s))
        any_backward_weight(dweight, dy, x, n, s);
    else
        for (int i = 0; i < n; i++)
            three_image_weight(dweight, dy + i * output_size(s), x + i * input_size(s), s);
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static const Field fields[] = {FIELD_WORD(FIELD_NAME), FIELDS_SQUARE, {FIELD_END, 0, 0, 0}};

static bool fit(Node *node, const Shape *a, const Shape *b)
{
    (void)b;
    return node->shape.o == a->o && fit_square(node, a, a->o);
}

static void params(Param param[NODE_PARAMS], const Node *node, Init init)
{
    param[0] = param_square(node, 1, init);
}

static void forward(const LayerRun *run)
{
    depthwise_forward(run->y, run->x[0], run->value[0], run->n, &run->node->shape);
}

static void backward(const LayerRun *run)
{
    const Shape *s = &run->node->shape;
    depthwise_backward_weight(run->dvalue[0], run->dy, run->x[0], run->n, s);
    if (run->dx[0] != NULL)
        depthwise_backward_input(run->dx[0], run->dy, run->value[0], run->n, s, run->fresh[0]);
}

const Layer layer_depthwise = {.name = "depthwise",
                               .inputs = 1,
                               .traits = LAYER_WEIGHTED | LAYER_BEGINS,
                               .fields = fields,
                               .fit = fit,
                               .params = params,
                               .forward = forward,
                               .backward = backward};
