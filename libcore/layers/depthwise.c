#include "layers/depthwise_internal.h"

#include "layers/fit_internal.h"

/* Channels are taken in blocks whose sums fit into registers: so many vectors, and then what is
 * left of the channels one vector and one number at a time. */
enum { VECTORS = 4, BLOCK = VECTORS * LANES };

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

CLONES void depthwise_forward(real *y, const real *x, const real *weight, int n, const Shape *shape)
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

CLONES void depthwise_backward_input(real *dx, const real *dy, const real *weight, int n,
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

CLONES void depthwise_backward_weight(real *dweight, const real *dy, const real *x, int n,
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
        depthwise_backward_input(run->dx[0], run->dy, run->value[0], run->n, s);
}

const Layer layer_depthwise = {.name = "depthwise",
                               .inputs = 1,
                               .traits = LAYER_WEIGHTED,
                               .fields = fields,
                               .fit = fit,
                               .params = params,
                               .forward = forward,
                               .backward = backward};
