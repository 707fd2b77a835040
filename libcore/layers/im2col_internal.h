/* Patches of an image as rows of a matrix, so that a convolution becomes a matrix product.
 *
 * Row r of col belongs to output pixel r of the batch, counted through images, rows and columns;
 * it holds the kernel x kernel x c input values under the kernel there, in that order, zero
 * outside the image. */
#ifndef LAYERS_IM2COL_INTERNAL_H
#define LAYERS_IM2COL_INTERNAL_H

#include "base/half_internal.h"
#include "base/real_internal.h"
#include "layers/shape_internal.h"

/* col[rows, kernel*kernel*c] from x[n,h,w,c], for output pixels first .. first+rows-1 */
void im2col(real *col, const real *x, const Shape *shape, int64_t first, int64_t rows);

/* The transpose: adds each value of col to the place of dx[n,h,w,c] it was read from. */
void im2col_backward(real *dx, const real *col, const Shape *shape, int64_t first, int64_t rows);

/* The same, rounded to bfloat16: only where cpu_has_bfloat(). */
void im2col_bfloat(Bfloat *col, const real *x, const Shape *shape, int64_t first, int64_t rows);

#endif
