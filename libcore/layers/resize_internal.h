/* Images made larger: by a margin of a constant, or by repeating pixels. The output's size says
 * how wide the margin is at the bottom and on the right, and how often a pixel is repeated. */
#ifndef LAYERS_RESIZE_INTERNAL_H
#define LAYERS_RESIZE_INTERNAL_H

#include "base/real_internal.h"
#include "layers/shape_internal.h"

/* y[n,oh,ow,c] = value but for x[n,h,w,c], which begins at row `top` and column `left` */
void pad_forward(real *y, const real *x, int n, const Shape *shape, int top, int left, real value);
void pad_backward(real *dx, const real *dy, int n, const Shape *shape, int top, int left);

/* y[n,oh,ow,c]: every pixel of x[n,h,w,c] oh/h times below and ow/w times beside itself */
void upsample_forward(real *y, const real *x, int n, const Shape *shape);
void upsample_backward(real *dx, const real *dy, int n, const Shape *shape);

#endif
