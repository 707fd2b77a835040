/* PReLU on its own: y = x > 0 ? x : slope x, one slope a channel (He et al., arXiv 1502.01852).
 * Behind a batch normalisation it is part of that (layers/norm_internal.h). Arrays are [rows,c]. */
#ifndef LAYERS_PRELU_INTERNAL_H
#define LAYERS_PRELU_INTERNAL_H

#include "base/real_internal.h"
#include "layers/param_internal.h"
#include "layers/shape_internal.h"

/* What slopes start with, as in the paper */
#define PRELU_START ((Init){INIT_CONSTANT, 0.25})

/* y may be x. */
void prelu_forward(real *y, const real *x, const real *slope, int64_t rows, int c);

/* dx += dy . (x > 0 ? 1 : slope),  dslope[c] += sum of dy x where x <= 0 */
void prelu_backward(real *dx, real *dslope, const real *dy, const real *x, const real *slope,
                    int64_t rows, int c);

#endif
