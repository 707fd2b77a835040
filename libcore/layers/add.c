#include "layers/add_internal.h"

#include "layers/fit_internal.h"

CLONES void add_forward(real *y, const real *a, const real *b, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] = a[i] + b[i];
}

CLONES void add_backward(real *dx, const real *dy, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        dx[i] += dy[i];
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static void forward(const LayerRun *run)
{
    add_forward(run->y, run->x[0], run->x[1], (size_t)run->n * node_size(run->node));
}

static void backward(const LayerRun *run)
{
    for (int i = 0; i < 2; i++)
        if (run->dx[i] != NULL)
            add_backward(run->dx[i], run->dy, (size_t)run->n * node_size(run->node));
}

const Layer layer_add = {.name = "add",
                         .inputs = 2,
                         .traits = LAYER_CHEAP | LAYER_IN_PLACE | LAYER_FORGETS | LAYER_PASSES_ON,
                         .fit = fit_as_both,
                         .forward = forward,
                         .backward = backward};
