/* Matrix products of matrices that lie in panels.
 *
 * A panel is PANEL columns of a matrix, row by row; a matrix a[rows,columns] whose columns are a
 * multiple of PANEL is a[columns/PANEL][rows][PANEL]. Products then read memory in order whatever
 * the sizes are, and nothing is copied first, as a BLAS must: for the many small products of a
 * convolution that takes as long as the multiplication. Each number is a sum in the order of the
 * inner index, whatever the other rows are. */
#ifndef LAYERS_PANEL_INTERNAL_H
#define LAYERS_PANEL_INTERNAL_H

#include "base/real_internal.h"

enum { PANEL = 4 * LANES_MOST };

/* Of the width of vectors of the source that includes this (base/real_internal.h) */
#define panel_multiply            OF_WIDTH(panel_multiply)
#define panel_multiply_transposed OF_WIDTH(panel_multiply_transposed)

/* y[rows,outer] = a[rows,inner] . b[inner,outer] */
void panel_multiply(real *y, const real *a, const real *b, int rows, int inner, int outer);

/* y[PANEL,PANEL] = a^T . b for a panel a[rows,PANEL] and a panel b[rows,PANEL] */
void panel_multiply_transposed(real *y, const real *a, const real *b, int rows);

#endif
