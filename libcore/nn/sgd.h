/* Stochastic gradient descent with momentum, as PyTorch's SGD has it (no dampening):
 *
 *     g = gradient + weight_decay w;   v = momentum v + g;   w = w - lr v
 *
 * with v = 0 before the first step. Blocks are laid out like Graph.values. */
#ifndef NN_SGD_H
#define NN_SGD_H

#include <stdbool.h>

#include "base/api.h"
#include "base/pool.h"
#include "nn/graph.h"

API_BEGIN

/* What weight decay leaves alone: nothing, batch norm's parameters, or PReLU's too. */
typedef enum SgdSpare { SGD_SPARE_NONE, SGD_SPARE_BATCH_NORM, SGD_SPARE_NORMS } SgdSpare;

typedef struct Sgd {
    double lr, momentum, weight_decay;
    SgdSpare spare;
    bool nesterov;      /* w = w - lr (g + momentum v) */
    const double *rate; /* by parameter, multiplies lr; 0: it stays. NULL: 1 for all */
} Sgd;

/* L2 norm of the gradients of all trainable parameters. */
double sgd_norm(const Graph *graph, const real *gradients);

/* One step of all trainable parameters with `scale` times the gradients (1, or less to clip). */
void sgd_step(Graph *graph, real *velocity, const real *gradients, double scale, const Sgd *sgd,
              Pool *pool);

API_END

#endif
