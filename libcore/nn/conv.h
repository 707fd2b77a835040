/* Dense convolution without bias, as matrix products.
 *
 * With a 1x1 kernel and stride 1 the image is the matrix already; otherwise patches are laid out
 * as rows (nn/im2col.h), a tile at a time so that the tile stays in the L2 cache. Weights are
 * weight[o, kernel, kernel, c]. */
#ifndef NN_CONV_H
#define NN_CONV_H

#include "base/real.h"
#include "nn/shape.h"

/* Numbers of type real that `col` must have room for; 0 when it is not used. */
size_t conv_scratch(const Shape *shape);

/* y[n,oh,ow,o] = x[n,h,w,c] * weight[o,k,k,c] */
void conv_forward(real *y, const real *x, const real *weight, int n, const Shape *shape, real *col);

/* dx[n,h,w,c] += dy[n,oh,ow,o] . weight */
void conv_backward_input(real *dx, const real *dy, const real *weight, int n, const Shape *shape,
                         real *col);

/* dweight[o,k,k,c] += dy^T . patches of x */
void conv_backward_weight(real *dweight, const real *dy, const real *x, int n, const Shape *shape,
                          real *col);

#endif
