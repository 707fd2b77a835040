/* Convolution without bias in general: groups, windows that are not square, dilation, padding that
 * differs from side to side. The common cases have kernels of their own (layers/conv_internal.h,
 * layers/depthwise_internal.h).
 *
 * Output channel j belongs to group j / (o/groups) and sees the c/groups input channels of that
 * group. Weights are weight[c/groups, kh, kw, o]: a PyTorch weight [o, c/groups, kh, kw] with its
 * first axis last, so that the loops of small groups run over output channels. Large groups are
 * matrix products over patches, by `kernels` (NULL: OpenBLAS). */
#ifndef LAYERS_GROUPED_INTERNAL_H
#define LAYERS_GROUPED_INTERNAL_H

#include "base/real_internal.h"
#include "layers/window_internal.h"
#include "product/kernels.h"

/* Numbers of type real that `scratch` must have room for. shape: h, w, c, oh, ow, o */
size_t grouped_scratch(const Shape *shape, const Window *window, int groups);

/* y[n,oh,ow,o] = x[n,h,w,c] * weight */
void grouped_forward(real *y, const real *x, const real *weight, int n, const Shape *shape,
                     const Window *window, int groups, Kernels *kernels, real *scratch);

/* dx[n,h,w,c] += dy[n,oh,ow,o] . weight */
void grouped_backward_input(real *dx, const real *dy, const real *weight, int n, const Shape *shape,
                            const Window *window, int groups, Kernels *kernels, real *scratch);

/* dweight += dy^T . what the windows see of x */
void grouped_backward_weight(real *dweight, const real *dy, const real *x, int n,
                             const Shape *shape, const Window *window, int groups, Kernels *kernels,
                             real *scratch);

#endif
