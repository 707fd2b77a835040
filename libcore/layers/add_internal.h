/* The sum of two activations, as at the end of a residual block. */
#ifndef LAYERS_ADD_INTERNAL_H
#define LAYERS_ADD_INTERNAL_H

#include "base/real_internal.h"
#include "layers/shape_internal.h"

/* y[n] = a[n] + b[n]; y may be a or b. */
void add_forward(real *y, const real *a, const real *b, size_t n);

/* dx[n] += dy[n], for either operand */
void add_backward(real *dx, const real *dy, size_t n);

#endif
