#include "layers/maximum_internal.h"

#include "layers/fit_internal.h"

CLONES void maximum_forward(real *y, const real *a, const real *b, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] = b[i] > a[i] ? b[i] : a[i];
}

CLONES void maximum_backward(real *da, real *db, const real *dy, const real *a, const real *b,
                             size_t n)
{
    for (size_t i = 0; i < n && da != NULL; i++)
        da[i] += b[i] > a[i] ? 0 : dy[i];
    for (size_t i = 0; i < n && db != NULL; i++)
        db[i] += b[i] > a[i] ? dy[i] : 0;
}

static int largest(const real *x, int c)
{
    int best = 0;
    for (int j = 1; j < c; j++)
        best = x[j] > x[best] ? j : best;
    return best;
}

void channel_max_forward(real *y, const real *x, int64_t rows, int c)
{
    for (int64_t r = 0; r < rows; r++, x += c)
        y[r] = x[largest(x, c)];
}

void channel_max_backward(real *dx, const real *dy, const real *x, int64_t rows, int c)
{
    for (int64_t r = 0; r < rows; r++, x += c, dx += c)
        dx[largest(x, c)] += dy[r];
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static void forward(const LayerRun *run)
{
    maximum_forward(run->y, run->x[0], run->x[1], (size_t)run->n * node_size(run->node));
}

static void backward(const LayerRun *run)
{
    maximum_backward(run->dx[0], run->dx[1], run->dy, run->x[0], run->x[1],
                     (size_t)run->n * node_size(run->node));
}

const Layer layer_maximum = {
    .name = "maximum", .inputs = 2, .fit = fit_as_both, .forward = forward, .backward = backward};

static bool channel_fit(Node *node, const Shape *a, const Shape *b)
{
    fit_as_input(node, a, b);
    node->shape.o = 1;
    return true;
}

static void channel_forward(const LayerRun *run)
{
    channel_max_forward(run->y, run->x[0], node_rows(run->node, run->n), run->node->shape.c);
}

static void channel_backward(const LayerRun *run)
{
    if (run->dx[0] != NULL)
        channel_max_backward(run->dx[0], run->dy, run->x[0], node_rows(run->node, run->n),
                             run->node->shape.c);
}

const Layer layer_channel_max = {.name = "channelmax",
                                 .inputs = 1,
                                 .fit = channel_fit,
                                 .forward = channel_forward,
                                 .backward = channel_backward};
