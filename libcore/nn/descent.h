/* A step of all parameters of a net against their gradients, by the rules of optim/optimiser.h.
 * Blocks of numbers are laid out like graph_values(). */
#ifndef NN_DESCENT_H
#define NN_DESCENT_H

#include "base/api.h"
#include "base/pool.h"
#include "base/real.h"
#include "nn/graph.h"
#include "optim/optimiser.h"

API_BEGIN

/* Which parameters weight decay spares: none, batch norm's, or batch norm's and PReLU's. */
typedef enum Spare { SPARE_NONE, SPARE_BATCH_NORM, SPARE_NORMS } Spare;

typedef struct Descent {
    Optimiser optimiser;
    Spare spare;
    const double *rate; /* [parameters]: multiplies lr; 0: not trained. NULL: 1 for all */
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
