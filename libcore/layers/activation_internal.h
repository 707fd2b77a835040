/* Activations without parameters that learn: the same curve for every number.
 *
 * (ReLU and LeakyReLU are PReLUs whose slopes are not trained.) With a and b the activation's two
 * constants:
 *     sigmoid       1 / (1 + exp(-x))
 *     hard sigmoid  max(0, min(1, a x + b))
 *     hard swish    x max(0, min(1, x/6 + 1/2))
 *     clip          max(a, min(b, x))
 *     tanh          tanh(x)
 *     exp, log      of x
 *     power         x to the power of a
 *     elu           b x for x > 0, else b a (exp(x) - 1)
 *     softplus      log(1 + exp(x))
 *     softsign      x / (1 + |x|)
 *     erf           erf(x)
 *     gelu          x/2 (1 + erf(x / sqrt(2))), or for a = 1 its approximation by tanh */
#ifndef LAYERS_ACTIVATION_INTERNAL_H
#define LAYERS_ACTIVATION_INTERNAL_H

#include <stddef.h>

#include "base/real_internal.h"

/* Their numbers are in files. */
typedef enum Activation {
    ACTIVATION_SIGMOID,
    ACTIVATION_HARD_SIGMOID,
    ACTIVATION_HARD_SWISH,
    ACTIVATION_CLIP,
    ACTIVATION_TANH,
    ACTIVATION_EXP,
    ACTIVATION_LOG,
    ACTIVATION_POWER,
    ACTIVATION_ELU,
    ACTIVATION_SOFTPLUS,
    ACTIVATION_SOFTSIGN,
    ACTIVATION_ERF,
    ACTIVATION_GELU,
    ACTIVATIONS,
} Activation;

/* y[n] from x[n]; y may be x. */
void activation_forward(real *y, const real *x, Activation activation, double a, double b,
                        size_t n);

/* dx[n] += dy[n] times the slope at x[n] */
void activation_backward(real *dx, const real *dy, const real *x, Activation activation, double a,
                         double b, size_t n);

#endif
