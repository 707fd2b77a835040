/* Dense convolution without bias, as matrix products.
 *
 * With a 1x1 kernel and stride 1 the image is the matrix already. Kernels of 3x3 with stride 1 are
 * taken Winograd's way (layers/winograd_internal.h) where the image is large enough for it to be
 * faster; then the weights must be transformed before, by conv_filter(), which also packs them
 * where the kernels want that. For all others patches are laid out as rows
 * (layers/im2col_internal.h), a tile at a time so that the tile stays in the L2 cache. Weights are
 * weight[o, kernel, kernel, c].
 *
 * With kernels_bfloat() what goes into a product is rounded just before it, by the tile, and the
 * weights when they are packed. What comes out of it is of type real. Winograd's gradient of the
 * weights is of products of reals always. */
#ifndef LAYERS_CONV_INTERNAL_H
#define LAYERS_CONV_INTERNAL_H

#include <stdbool.h>

#include "base/real_internal.h"
#include "layers/shape_internal.h"
#include "product/product_internal.h"

/* Numbers of type real that `col` must have room for; 0 when it is not used. */
size_t conv_scratch(const Shape *shape, Kernels *kernels);

/* Numbers of the transformed or packed weights, for conv_forward or (`backward`) for
 * conv_backward_input; 0 when the weights are taken as they are. */
size_t conv_filter_size(const Shape *shape, Kernels *kernels, bool backward);

/* Makes a share of them, share = 0 .. conv_filter_shares() - 1. */
int conv_filter_shares(const Shape *shape, Kernels *kernels, bool backward);
void conv_filter(real *filter, const real *weight, const Shape *shape, Kernels *kernels,
                 bool backward, int share);

typedef struct Conv {
    const Shape *shape;
    Kernels *kernels;   /* of its products; NULL: OpenBLAS */
    const real *filter; /* the weights: what conv_filter() made of them, or as they are */
    bool packed;        /* conv_filter() made them; not looked at by conv_backward_weight() */
    real *col;          /* scratch */
} Conv;

/* y[n,oh,ow,o] = x[n,h,w,c] * weight[o,k,k,c] */
void conv_forward(real *y, const real *x, int n, const Conv *conv);

/* dx[n,h,w,c] += dy[n,oh,ow,o] . weight; = when it is fresh */
void conv_backward_input(real *dx, const real *dy, int n, const Conv *conv, bool fresh);

/* dweight[o,k,k,c] += dy^T . patches of x */
void conv_backward_weight(real *dweight, const real *dy, const real *x, int n, const Conv *conv);

#endif
