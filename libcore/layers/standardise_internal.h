/* Numbers of an image brought to mean 0 and variance 1:
 *
 *     y = (x - mean) / sqrt(variance + eps)
 *
 * over the pixels of each channel, as instance normalisation has it (Ulyanov et al., arXiv
 * 1607.08022), or over the channels of each pixel, as layer normalisation has it (Ba et al., arXiv
 * 1607.06450). Scale and shift behind it are an affine layer. The variance is the mean of the
 * squared distances from the mean. */
#ifndef LAYERS_STANDARDISE_INTERNAL_H
#define LAYERS_STANDARDISE_INTERNAL_H

#include <stdbool.h>

#include "base/real_internal.h"

/* y[n,pixels,c] from x[n,pixels,c]; y may be x. */
void standardise_forward(real *y, const real *x, int n, int64_t pixels, int c, bool over_pixels,
                         double eps);

/* dx[n,pixels,c] += (dy - mean(dy) - xhat mean(dy xhat)) / sqrt(variance + eps), where xhat is y */
void standardise_backward(real *dx, const real *dy, const real *x, int n, int64_t pixels, int c,
                          bool over_pixels, double eps);

#endif
