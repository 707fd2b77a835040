/* Depthwise convolution without bias: each channel has a kernel of its own.
 *
 * Weights are weight[kernel, kernel, c], so that the loops run over channels in every array. The
 * global depthwise convolution of MobileFaceNet is the case of a kernel as large as the image. */
#ifndef LAYERS_DEPTHWISE_INTERNAL_H
#define LAYERS_DEPTHWISE_INTERNAL_H

#include <stdbool.h>

#include "base/real_internal.h"
#include "layers/shape_internal.h"

/* y[n,oh,ow,c] = x[n,h,w,c] * weight[k,k,c] */
void depthwise_forward(real *y, const real *x, const real *weight, int n, const Shape *shape);

/* dx[n,h,w,c] += dy[n,oh,ow,c] * weight, turned round; = when it is fresh */
void depthwise_backward_input(real *dx, const real *dy, const real *weight, int n,
                              const Shape *shape, bool fresh);

/* dweight[k,k,c] += sum over pixels of dy . x under that tap */
void depthwise_backward_weight(real *dweight, const real *dy, const real *x, int n,
                               const Shape *shape);

#endif
