/* The largest and the mean of what a window sees, channel by channel. */
#ifndef LAYERS_POOLING_INTERNAL_H
#define LAYERS_POOLING_INTERNAL_H

#include "base/real_internal.h"
#include "layers/window_internal.h"

/* y[n,oh,ow,c] from x[n,h,w,c]. A window that sees nothing of the image gives 0. */
void max_pool_forward(real *y, const real *x, int n, const Shape *shape, const Window *window);

/* dx of the first tap that is the largest += dy */
void max_pool_backward(real *dx, const real *dy, const real *x, int n, const Shape *shape,
                       const Window *window);

/* padded: the mean is over all taps of the window, those in the padding counted as zeros;
 * otherwise over those on the image. */
void mean_pool_forward(real *y, const real *x, int n, const Shape *shape, const Window *window,
                       bool padded);
void mean_pool_backward(real *dx, const real *dy, int n, const Shape *shape, const Window *window,
                        bool padded);

#endif
