#include "nn/linear.h"

void linear_forward(real *y, const real *x, const real *weight, const real *bias, int n, int o,
                    int k, int first, int count)
{
    for (int i = 0; i < n; i++)
        for (int j = first; j < first + count; j++)
            y[(size_t)i * o + j] = bias != NULL ? bias[j] : 0;
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, count, k, 1, x, k,
              weight + (size_t)first * k, k, 1, y + first, o);
}

INLINE real dot(const real *a, const real *b, int n)
{
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

CLONES void linear_forward_each(real *y, const real *x, const real *weight, const real *bias, int n,
                                int o, int k, int first, int count)
{
    for (int j = first; j < first + count; j++)
        for (int i = 0; i < n; i++) {
            real sum = dot(x + (size_t)i * k, weight + (size_t)j * k, k);
            y[(size_t)i * o + j] = bias != NULL ? sum + bias[j] : sum;
        }
}

void linear_backward_input(real *dx, const real *dy, const real *weight, int n, int o, int k,
                           int first, int count)
{
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, count, o, 1, dy, o, weight + first, k,
              1, dx + first, k);
}

void linear_backward_weight(real *dweight, real *dbias, const real *dy, const real *x, int n, int o,
                            int k, int first, int count)
{
    real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, count, k, n, 1, dy + first, o, x, k, 1,
              dweight + (size_t)first * k, k);
    if (dbias == NULL)
        return;
    for (int i = 0; i < n; i++)
        for (int j = first; j < first + count; j++)
            dbias[j] += dy[(size_t)i * o + j];
}
