#include "layers/round_internal.h"

#include "layers/fit_internal.h"

CLONES void round_forward(real *y, const real *x, double step, int low, int high, size_t n)
{
    real s = (real)step, least = (real)low, most = (real)high;
    for (size_t i = 0; i < n; i++) {
        real q = rint(x[i] / s);
        q = q > least ? q : least;
        y[i] = s * (q < most ? q : most);
    }
}

CLONES static void round_backward(real *dx, const real *dy, const real *x, const Node *node,
                                  size_t n)
{
    real s = (real)node->step, least = (real)node->low, most = (real)node->high;
    for (size_t i = 0; i < n; i++) {
        real q = rint(x[i] / s);
        dx[i] += q >= least && q <= most ? dy[i] : 0;
    }
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static const Field fields[] = {FIELD_OF(FIELD_NUMBER, step),
                               FIELD_BETWEEN(low, -ROUND_FARTHEST, 0),
                               FIELD_BETWEEN(high, 0, ROUND_FARTHEST),
                               {FIELD_END, 0, 0, 0}};

static bool fit(Node *node, const Shape *a, const Shape *b)
{
    return fit_as_input(node, a, b) && node->step > 0 && isfinite(node->step) &&
           node->high - node->low < ROUND_LEVELS && node->high > node->low;
}

static void forward(const LayerRun *run)
{
    const Node *node = run->node;
    round_forward(run->y, run->x[0], node->step, node->low, node->high,
                  (size_t)run->n * node_size(node));
}

static void backward(const LayerRun *run)
{
    round_backward(run->dx[0], run->dy, run->x[0], run->node,
                   (size_t)run->n * node_size(run->node));
}

const Layer layer_round = {.name = "round",
                           .inputs = 1,
                           .traits = LAYER_CHEAP | LAYER_IN_PLACE,
                           .fields = fields,
                           .fit = fit,
                           .forward = forward,
                           .backward = backward};
