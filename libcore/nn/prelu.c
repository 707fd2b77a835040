#include "nn/prelu.h"

CLONES void prelu_forward(real *y, const real *x, const real *slope, int64_t rows, int c)
{
    for (int64_t r = 0; r < rows; r++, y += c, x += c) {
#pragma omp simd
        for (int j = 0; j < c; j++)
            y[j] = x[j] > 0 ? x[j] : slope[j] * x[j];
    }
}

CLONES void prelu_backward(real *dx, real *dslope, const real *dy, const real *x, const real *slope,
                           int64_t rows, int c)
{
    for (int64_t r = 0; r < rows; r++, dx += c, dy += c, x += c) {
#pragma omp simd
        for (int j = 0; j < c; j++) {
            dx[j] += x[j] > 0 ? dy[j] : slope[j] * dy[j];
            dslope[j] += x[j] > 0 ? 0 : dy[j] * x[j];
        }
    }
}
