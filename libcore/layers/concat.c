#include "layers/concat_internal.h"

#include <string.h>

#include "layers/fit_internal.h"

void concat_forward(real *y, const real *a, const real *b, int64_t rows, int ca, int cb)
{
    for (int64_t r = 0; r < rows; r++, y += ca + cb) {
        memcpy(y, a + r * ca, (size_t)ca * sizeof *y);
        memcpy(y + ca, b + r * cb, (size_t)cb * sizeof *y);
    }
}

INLINE void add(real *restrict dx, const real *restrict dy, int c)
{
#pragma omp simd
    for (int j = 0; j < c; j++)
        dx[j] += dy[j];
}

CLONES void concat_backward(real *da, real *db, const real *dy, int64_t rows, int ca, int cb)
{
    for (int64_t r = 0; r < rows; r++, dy += ca + cb) {
        if (da != NULL)
            add(da + r * ca, dy, ca);
        if (db != NULL)
            add(db + r * cb, dy + ca, cb);
    }
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static bool fit(Node *node, const Shape *a, const Shape *b)
{
    fit_as_input(node, a, b);
    node->shape.o += b->o;
    return a->oh == b->oh && a->ow == b->ow;
}

static void forward(const LayerRun *run)
{
    const Shape *s = &run->node->shape;
    concat_forward(run->y, run->x[0], run->x[1], node_rows(run->node, run->n), s->c, s->o - s->c);
}

static void backward(const LayerRun *run)
{
    const Shape *s = &run->node->shape;
    concat_backward(run->dx[0], run->dx[1], run->dy, node_rows(run->node, run->n), s->c,
                    s->o - s->c);
}

const Layer layer_concat = {.name = "concat",
                            .inputs = 2,
                            .traits = LAYER_FORGETS,
                            .fit = fit,
                            .forward = forward,
                            .backward = backward};
