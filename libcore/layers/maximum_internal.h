/* The larger of two numbers, and the largest of a pixel's channels. */
#ifndef LAYERS_MAXIMUM_INTERNAL_H
#define LAYERS_MAXIMUM_INTERNAL_H

#include <stddef.h>

#include "base/real_internal.h"

/* y[n] = max(a[n], b[n]) */
void maximum_forward(real *y, const real *a, const real *b, size_t n);

/* da and db += dy where that one is the larger; a where both are the same. Either may be NULL. */
void maximum_backward(real *da, real *db, const real *dy, const real *a, const real *b, size_t n);

/* y[rows] = the largest of x[rows,c] */
void channel_max_forward(real *y, const real *x, int64_t rows, int c);

/* dx[rows,c] += dy[rows] at the first that is the largest */
void channel_max_backward(real *dx, const real *dy, const real *x, int64_t rows, int c);

#endif
