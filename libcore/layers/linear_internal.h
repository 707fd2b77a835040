/* A fully connected layer, cut into blocks of its outputs (or inputs) so that several threads can
 * share a batch while every number is still the same sum in the same order.
 *
 * Weights are weight[o,k]; where the layer follows an image, k counts h, w, c in that order. */
#ifndef LAYERS_LINEAR_INTERNAL_H
#define LAYERS_LINEAR_INTERNAL_H

#include "base/real_internal.h"
#include "layers/shape_internal.h"
#include "product/kernels.h"

/* Outputs (or inputs) of a block, but for the last one. */
enum { LINEAR_BLOCK = 64 };

static inline int linear_inputs(const Shape *s)
{
    return s->h * s->w * s->c;
}

/* y[n,o] = x[n,k] . weight[o,k]^T + bias[o] for outputs first .. first+count-1. bias may be
 * NULL. */
void linear_forward(real *y, const real *x, const real *weight, const real *bias, int n, int o,
                    int k, int first, int count, Kernels *kernels);

/* The same, but each number of y is one dot product of its own: the same bits for an image
 * whatever n is. Slower than linear_forward for large batches. */
void linear_forward_each(real *y, const real *x, const real *weight, const real *bias, int n, int o,
                         int k, int first, int count);

/* The same with packed weights, for block number `block` of the outputs. An image's bits do not
 * depend on n. linear_filter() packs the weights of a block; linear_filter_size() is the numbers of
 * all blocks, 0 where they cannot be packed. With kernels_bfloat() weights and x are rounded, x
 * into scratch[linear_scratch()]. */
size_t linear_filter_size(const Shape *s, Kernels *kernels);
size_t linear_scratch(const Shape *s, Kernels *kernels);
void linear_filter(real *filter, const real *weight, const Shape *s, Kernels *kernels, int block);
void linear_forward_packed(real *y, const real *x, const real *filter, const real *bias, int n,
                           const Shape *s, int block, Kernels *kernels, real *scratch);

/* dx[n,k] += dy[n,o] . weight[o,k] for inputs first .. first+count-1 */
void linear_backward_input(real *dx, const real *dy, const real *weight, int n, int o, int k,
                           int first, int count, Kernels *kernels);

/* dweight[o,k] += dy^T . x and dbias[o] += sums of dy, for outputs first .. first+count-1; dbias
 * may be NULL. */
void linear_backward_weight(real *dweight, real *dbias, const real *dy, const real *x, int n, int o,
                            int k, int first, int count, Kernels *kernels);

#endif
