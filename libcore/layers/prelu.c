#include "layers/prelu_internal.h"

#include "layers/fit_internal.h"

CLONES void prelu_forward(real *y, const real *x, const real *slope, int64_t rows, int c)
{
    for (int64_t r = 0; r < rows; r++, y += c, x += c) {
#pragma omp simd
        for (int j = 0; j < c; j++)
            y[j] = x[j] > 0 ? x[j] : slope[j] * x[j];
    }
}

CLONES void prelu_backward(real *dx, real *dslope, const real *dy, const real *x, const real *slope,
                           int64_t rows, int c)
{
    for (int64_t r = 0; r < rows; r++, dx += c, dy += c, x += c) {
#pragma omp simd
        for (int j = 0; j < c; j++) {
            dx[j] += x[j] > 0 ? dy[j] : slope[j] * dy[j];
            dslope[j] += x[j] > 0 ? 0 : dy[j] * x[j];
        }
    }
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static const Field fields[] = {FIELD_WORD(FIELD_NAME), {FIELD_END, 0, 0, 0}};

static void params(Param param[NODE_PARAMS], const Node *node, Init init)
{
    (void)init;
    param[0] = param_vector("weight", PARAM_SLOPE, node->shape.o, PRELU_START);
}

static void forward(const LayerRun *run)
{
    prelu_forward(run->y, run->x[0], run->value[0], node_rows(run->node, run->n),
                  run->node->shape.o);
}

static void backward(const LayerRun *run)
{
    prelu_backward(run->dx[0], run->dvalue[0], run->dy, run->x[0], run->value[0],
                   node_rows(run->node, run->n), run->node->shape.o);
}

const Layer layer_prelu = {.name = "prelu",
                           .inputs = 1,
                           .traits = LAYER_CHEAP | LAYER_IN_PLACE,
                           .fields = fields,
                           .fit = fit_as_input,
                           .params = params,
                           .forward = forward,
                           .backward = backward};
