/* Stochastic gradient descent with momentum, as PyTorch's SGD has it (no Nesterov, no dampening):
 *
 *     g = gradient + weight_decay w;   v = momentum v + g;   w = w - lr v
 *
 * with v = 0 before the first step. Blocks are laid out like Graph.values. */
#ifndef NN_SGD_H
#define NN_SGD_H

#include "base/pool.h"
#include "nn/graph.h"

typedef struct Sgd {
    double lr, momentum, weight_decay;
    bool spare_norms; /* no decay of batch norm's and PReLU's parameters */
} Sgd;

/* L2 norm of the gradients of all trainable parameters. */
double sgd_norm(const Graph *graph, const real *gradients);

/* One step of all trainable parameters with `scale` times the gradients (1, or less to clip). */
void sgd_step(Graph *graph, real *velocity, const real *gradients, double scale, const Sgd *sgd,
              Pool *pool);

#endif
