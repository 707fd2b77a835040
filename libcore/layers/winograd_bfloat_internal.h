/* 3x3 convolutions of stride 1 and padding 1 by Winograd's F(2x2, 3x3), with products in bfloat16.
 *
 * A tile of 2x2 outputs takes 16 multiplications a channel instead of 36. The transforms are in
 * floats and only what goes into the products is rounded. F(4x4, 3x3) of
 * layers/winograd_internal.h would take fewer, but its transforms magnify the rounding errors of
 * bfloat16 by five to ten; those of F(2x2, 3x3) by 5/3 (tests/unit/test_nn_bfloat.c).
 *
 * Only for kernels_bfloat(), and where winograd_fits(). */
#ifndef LAYERS_WINOGRAD_BFLOAT_INTERNAL_H
#define LAYERS_WINOGRAD_BFLOAT_INTERNAL_H

#include <stdbool.h>

#include "base/real_internal.h"
#include "layers/shape_internal.h"
#include "product/product_internal.h"

/* Numbers of type real of a transformed filter and of the scratch of the functions below.
 * `backward`: for the gradient of the input. */
size_t winograd_bfloat_filter_size(const Shape *shape, bool backward);
size_t winograd_bfloat_scratch(const Shape *shape);

/* A share of the filter's transform, share = 0 .. winograd_bfloat_shares() - 1. */
int winograd_bfloat_shares(const Shape *shape, bool backward);
void winograd_bfloat_filter(void *filter, const real *weight, const Shape *shape, bool backward,
                            int share);

/* y[n,oh,ow,o] = x[n,h,w,c] * weight */
void winograd_bfloat_forward(real *y, const real *x, const void *filter, int n, const Shape *shape,
                             Kernels *kernels, real *scratch);

/* dx[n,h,w,c] += dy[n,oh,ow,o] . weight */
void winograd_bfloat_backward_input(real *dx, const real *dy, const void *filter, int n,
                                    const Shape *shape, Kernels *kernels, real *scratch);

#endif
