/* A scale and a shift a channel, and a PReLU behind them, each of which may be absent: the bias of
 * a convolution, a batch norm whose statistics were folded away, a normalisation of the input.
 * The forward pass is that of a batch norm (norm_forward) with these coefficients. */
#ifndef LAYERS_AFFINE_INTERNAL_H
#define LAYERS_AFFINE_INTERNAL_H

#include "base/real_internal.h"
#include "layers/shape_internal.h"

/* scale[c] = gamma, shift[c] = beta; 1 and 0 where those are NULL */
void affine_coefficients(real *scale, real *shift, const real *gamma, const real *beta, int c);

/* y = PReLU(scale x + shift). Adds to dx, dgamma, dbeta and dslope, all of which may be NULL;
 * arrays are [rows,c] and [c]. slope NULL: no PReLU. */
void affine_backward(real *dx, real *dgamma, real *dbeta, real *dslope, const real *dy,
                     const real *x, const real *scale, const real *shift, const real *slope,
                     int64_t rows, int c);

#endif
