#include "layers/multiply_internal.h"

#include "layers/fit_internal.h"

INLINE void row(real *restrict y, const real *a, const real *b, int c)
{
#pragma omp simd
    for (int j = 0; j < c; j++)
        y[j] = a[j] * b[j];
}

INLINE void add_row(real *restrict y, const real *a, const real *b, int c)
{
#pragma omp simd
    for (int j = 0; j < c; j++)
        y[j] += a[j] * b[j];
}

/* Where in b the factors of a pixel are. */
INLINE int64_t factor(int64_t image, int64_t pixel, int64_t each)
{
    return image * each + (each == 1 ? 0 : pixel);
}

CLONES void multiply_forward(real *y, const real *a, const real *b, int n, int64_t pixels,
                             int64_t each, int c)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t p = 0; p < pixels; p++, y += c, a += c)
            row(y, a, b + factor(i, p, each) * c, c);
}

CLONES void multiply_backward(real *da, real *db, const real *dy, const real *a, const real *b,
                              int n, int64_t pixels, int64_t each, int c)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t p = 0; p < pixels; p++) {
            int64_t at = (i * pixels + p) * c, by = factor(i, p, each) * c;
            if (da != NULL)
                add_row(da + at, dy + at, b + by, c);
            if (db != NULL)
                add_row(db + by, dy + at, a + at, c);
        }
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static bool fit(Node *node, const Shape *a, const Shape *b)
{
    bool one = b->oh == 1 && b->ow == 1;
    node->factor_pixels = (int64_t)b->oh * b->ow;
    return fit_as_input(node, a, b) && a->o == b->o && (one || (a->oh == b->oh && a->ow == b->ow));
}

static void forward(const LayerRun *run)
{
    const Node *node = run->node;
    multiply_forward(run->y, run->x[0], run->x[1], run->n, node_rows(node, 1), node->factor_pixels,
                     node->shape.o);
}

static void backward(const LayerRun *run)
{
    const Node *node = run->node;
    multiply_backward(run->dx[0], run->dx[1], run->dy, run->x[0], run->x[1], run->n,
                      node_rows(node, 1), node->factor_pixels, node->shape.o);
}

const Layer layer_multiply = {
    .name = "multiply", .inputs = 2, .fit = fit, .forward = forward, .backward = backward};
