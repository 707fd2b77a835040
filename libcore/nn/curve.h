/* Activations without parameters that learn: the same curve for every number.
 *
 * (ReLU and LeakyReLU are PReLUs whose slopes are not trained.) With a and b the curve's two
 * constants:
 *     sigmoid       1 / (1 + exp(-x))
 *     hard sigmoid  max(0, min(1, a x + b))
 *     hard swish    x max(0, min(1, x/6 + 1/2))
 *     clip          max(a, min(b, x)) */
#ifndef NN_CURVE_H
#define NN_CURVE_H

#include <stddef.h>

#include "base/real.h"

typedef enum Curve { CURVE_SIGMOID, CURVE_HARD_SIGMOID, CURVE_HARD_SWISH, CURVE_CLIP } Curve;

/* y[n] from x[n]; y may be x. */
void curve_forward(real *y, const real *x, Curve curve, double a, double b, size_t n);

/* dx[n] += dy[n] times the slope at x[n] */
void curve_backward(real *dx, const real *dy, const real *x, Curve curve, double a, double b,
                    size_t n);

#endif
