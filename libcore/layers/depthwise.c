#include "layers/depthwise_internal.h"

#include <string.h>

#include "layers/depthwise_kernels_internal.h"
#include "layers/fit_internal.h"

static const DepthwiseKernels *kernels(void)
{
    return BY_WIDTH(depthwise_kernels);
}

static bool is_three(const Shape *s)
{
    return s->kernel == 3 && s->c % LANES_MOST == 0 && s->stride == 1;
}

/* The shape of the convolution that gives dx: of dy, with the kernel turned round. */
static Shape turned(const Shape *s)
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
        kernels()->forward(y, x, weight, n, s);
    else
        for (int i = 0; i < n; i++)
            kernels()->three(y + i * output_size(s), x + i * input_size(s), weight, s, s->c, false);
}

void depthwise_backward_input(real *dx, const real *dy, const real *weight, int n, const Shape *s,
                              bool fresh)
{
    if (is_three(s) && s->pad <= 2) {
        Shape back = turned(s);
        for (int i = 0; i < n; i++)
            kernels()->three(dx + i * input_size(s), dy + i * output_size(s), weight + 8 * s->c,
                             &back, -s->c, !fresh);
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
            kernels()->three_weight(dweight, dy + i * output_size(s), x + i * input_size(s), s);
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
