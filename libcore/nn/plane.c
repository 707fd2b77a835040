#include "nn/plane.h"

CLONES void plane_forward(real *y, const real *x, const real *gamma, const real *beta, int n,
                          size_t size)
{
    for (int i = 0; i < n; i++, y += size, x += size)
        for (size_t j = 0; j < size; j++)
            y[j] = (gamma != NULL ? gamma[j] * x[j] : x[j]) + (beta != NULL ? beta[j] : 0);
}

CLONES void plane_backward(real *dx, real *dgamma, real *dbeta, const real *dy, const real *x,
                           const real *gamma, int n, size_t size)
{
    for (int i = 0; i < n; i++, dy += size, x += size) {
        for (size_t j = 0; dx != NULL && j < size; j++)
            dx[(size_t)i * size + j] += gamma != NULL ? gamma[j] * dy[j] : dy[j];
        for (size_t j = 0; dgamma != NULL && j < size; j++)
            dgamma[j] += x[j] * dy[j];
        for (size_t j = 0; dbeta != NULL && j < size; j++)
            dbeta[j] += dy[j];
    }
}
