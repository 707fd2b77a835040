/* A scale and a shift for each number of an image. */
#ifndef LAYERS_PLANE_INTERNAL_H
#define LAYERS_PLANE_INTERNAL_H

#include <stddef.h>

#include "base/real_internal.h"

/* y[n,size] = gamma[size] x[n,size] + beta[size]; gamma or beta may be NULL: 1 and 0. y may be x.
 */
void plane_forward(real *y, const real *x, const real *gamma, const real *beta, int n, size_t size);

/* What is added to may be NULL; dgamma is where gamma is, dbeta where beta is. */
void plane_backward(real *dx, real *dgamma, real *dbeta, const real *dy, const real *x,
                    const real *gamma, int n, size_t size);

#endif
