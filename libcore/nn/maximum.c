#include "nn/maximum.h"

CLONES void maximum_forward(real *y, const real *a, const real *b, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] = b[i] > a[i] ? b[i] : a[i];
}

CLONES void maximum_backward(real *da, real *db, const real *dy, const real *a, const real *b,
                             size_t n)
{
    for (size_t i = 0; i < n && da != NULL; i++)
        da[i] += b[i] > a[i] ? 0 : dy[i];
    for (size_t i = 0; i < n && db != NULL; i++)
        db[i] += b[i] > a[i] ? dy[i] : 0;
}

static int largest(const real *x, int c)
{
    int best = 0;
    for (int j = 1; j < c; j++)
        best = x[j] > x[best] ? j : best;
    return best;
}

void channel_max_forward(real *y, const real *x, int64_t rows, int c)
{
    for (int64_t r = 0; r < rows; r++, x += c)
        y[r] = x[largest(x, c)];
}

void channel_max_backward(real *dx, const real *dy, const real *x, int64_t rows, int c)
{
    for (int64_t r = 0; r < rows; r++, x += c, dx += c)
        dx[largest(x, c)] += dy[r];
}
