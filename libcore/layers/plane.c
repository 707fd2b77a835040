#include "layers/plane_internal.h"

#include "layers/fit_internal.h"

CLONES void plane_forward(real *y, const real *x, const real *gamma, const real *beta, int n,
                          size_t size)
{
    for (int i = 0; i < n; i++, y += size, x += size)
        for (size_t j = 0; j < size; j++)
            y[j] = (gamma != NULL ? gamma[j] * x[j] : x[j]) + (beta != NULL ? beta[j] : 0);
}

CLONES void plane_backward(real *dx, real *dgamma, real *dbeta, const real *dy, const real *x,
                           const real *gamma, int n, size_t size)
{
    for (int i = 0; i < n; i++, dy += size, x += size) {
        for (size_t j = 0; dx != NULL && j < size; j++)
            dx[(size_t)i * size + j] += gamma != NULL ? gamma[j] * dy[j] : dy[j];
        for (size_t j = 0; dgamma != NULL && j < size; j++)
            dgamma[j] += x[j] * dy[j];
        for (size_t j = 0; dbeta != NULL && j < size; j++)
            dbeta[j] += dy[j];
    }
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static const Field fields[] = {FIELD_WORD(FIELD_NAME),
                               FIELD_OF(FIELD_FLAG, scale),
                               FIELD_OF(FIELD_FLAG, shift),
                               {FIELD_END, 0, 0, 0}};

/* A number for each of an image, in PyTorch as [c,h,w]. */
static Param param_plane(const char *leaf, const Shape *s, double start)
{
    return (Param){.leaf = leaf,
                   .role = PARAM_NORM,
                   .rank = 3,
                   .shape = {s->o, s->oh, s->ow},
                   .init = {INIT_CONSTANT, start},
                   .channels = s->o,
                   .taps = (int64_t)s->oh * s->ow};
}

static void params(Param param[NODE_PARAMS], const Node *node, Init init)
{
    (void)init;
    if (node->scale)
        param[NORM_GAMMA] = param_plane("weight", &node->shape, 1);
    if (node->shift)
        param[NORM_BETA] = param_plane("bias", &node->shape, 0);
}

static void forward(const LayerRun *run)
{
    plane_forward(run->y, run->x[0], run->value[NORM_GAMMA], run->value[NORM_BETA], run->n,
                  node_size(run->node));
}

static void backward(const LayerRun *run)
{
    plane_backward(run->dx[0], run->dvalue[NORM_GAMMA], run->dvalue[NORM_BETA], run->dy, run->x[0],
                   run->value[NORM_GAMMA], run->n, node_size(run->node));
}

const Layer layer_plane = {.name = "plane",
                           .inputs = 1,
                           .fields = fields,
                           .fit = fit_as_input,
                           .params = params,
                           .forward = forward,
                           .backward = backward};
