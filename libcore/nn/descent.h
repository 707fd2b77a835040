/* A net's parameters following their gradients, by the rules of optim/optimiser.h. Blocks are laid
 * out like Graph.values. */
#ifndef NN_DESCENT_H
#define NN_DESCENT_H

#include "base/api.h"
#include "base/pool.h"
#include "base/real.h"
#include "nn/graph.h"
#include "optim/optimiser.h"

API_BEGIN

/* What weight decay leaves alone: nothing, batch norm's parameters, or PReLU's too. */
typedef enum Spare { SPARE_NONE, SPARE_BATCH_NORM, SPARE_NORMS } Spare;

typedef struct Descent {
    Optimiser optimiser;
    Spare spare;
    const double *rate; /* by parameter, multiplies lr; 0: it stays. NULL: 1 for all */
} Descent;

/* What the optimiser keeps, 0 at the start. */
typedef struct DescentState {
    real *momentum;
    real *square;   /* NULL where it keeps none */
    double updates; /* done so far; the caller counts */
} DescentState;

/* L2 norm of the gradients of all trainable parameters. */
double descent_norm(const Graph *graph, const real *gradients);

/* One step of all trainable parameters by their gradients, which are first multiplied with `scale`:
 * 1, or less to clip. */
void descent_step(Graph *graph, const DescentState *state, real *gradients, double scale,
                  const Descent *descent, Pool *pool);

API_END

#endif
