/* 3x3 convolutions of stride 1 and padding 1 by F(4x4, 3x3) of Winograd (Lavin and Gray, arXiv
 * 1509.09308): a tile of 4x4 outputs takes 36 multiplications a channel instead of 144.
 *
 *     Y = A^T [ (G g G^T) o (B^T d B) ] A
 *
 * for a 6x6 tile d of the input, a 3x3 filter g and the 4x4 tile Y of the output. The polynomials
 * are interpolated at 0, infinity, +-1/sqrt(2) and +-sqrt(2): with these points, and not the usual
 * +-1 and +-2, the result is only two to six times as far from the exact one as that of a plain
 * matrix product in the same arithmetic (tests/unit/test_nn_winograd.c).
 *
 * For all tiles of a block at once the products are 36 matrix products, tiles x channels times
 * channels x outputs. Channels are those of x[n,h,w,c], weight[o,3,3,c] and y[n,oh,ow,o]. */
#ifndef LAYERS_WINOGRAD_INTERNAL_H
#define LAYERS_WINOGRAD_INTERNAL_H

#include <stdbool.h>

#include "base/real_internal.h"
#include "layers/shape_internal.h"

/* Only for this geometry, and channels that fill the panels of layers/panel_internal.h. */
bool winograd_fits(const Shape *shape);

/* Numbers of a transformed filter, and of the scratch of the functions below. */
size_t winograd_filter_size(const Shape *shape);
size_t winograd_scratch(const Shape *shape);

/* A share of the filter's transform, share = 0 .. winograd_filter_shares() - 1. `backward` is for
 * winograd_backward_input: the filter turned round, its channels and outputs exchanged. */
int winograd_filter_shares(const Shape *shape, bool backward);
void winograd_filter(real *filter, const real *weight, const Shape *shape, bool backward,
                     int share);

/* y[n,oh,ow,o] = x[n,h,w,c] * weight */
void winograd_forward(real *y, const real *x, const real *filter, int n, const Shape *shape,
                      real *scratch);

/* dx[n,h,w,c] += dy[n,oh,ow,o] . weight */
void winograd_backward_input(real *dx, const real *dy, const real *filter, int n,
                             const Shape *shape, real *scratch);

/* dweight[o,3,3,c] += dy^T . patches of x */
void winograd_backward_weight(real *dweight, const real *dy, const real *x, int n,
                              const Shape *shape, real *scratch);

#endif
