/* The rules by which parameters follow their gradients, as PyTorch has them:
 *
 *     sgd      g += decay w;  v = momentum v + g;  w -= lr v
 *              with Nesterov's momentum  w -= lr (g + momentum v)
 *     adamw    w -= lr decay w
 *              v = beta1 v + (1 - beta1) g;  s = beta2 s + (1 - beta2) g^2
 *              w -= lr v / (1 - beta1^t) / (sqrt(s / (1 - beta2^t)) + epsilon)
 *
 * at the t-th update, from 1, with v and s 0 before the first. Both follow the gradient's momentum
 * v; the second moment s is AdamW's alone. */
#ifndef OPTIM_OPTIMISER_H
#define OPTIM_OPTIMISER_H

#include <stdbool.h>

#include "base/api.h"

API_BEGIN

typedef enum OptimiserKind { OPTIMISER_SGD, OPTIMISER_ADAMW, OPTIMISERS } OptimiserKind;

typedef struct Optimiser {
    double lr, momentum, weight_decay;
    bool nesterov;
    OptimiserKind kind;
    double beta1, beta2, epsilon; /* AdamW's; it has no momentum beside beta1 */
} Optimiser;

const char *optimiser_name(OptimiserKind kind);
bool optimiser_has_squares(OptimiserKind kind); /* does it keep s? */

API_END

#endif
