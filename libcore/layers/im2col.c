#include "layers/im2col_internal.h"

#include <stdbool.h>
#include <string.h>

INLINE void add(real *restrict y, const real *restrict x, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] += x[i];
}

/* A row of the kernel is contiguous in the image as well as in col, so it is copied whole; only
 * its ends can hang over the edge. */
void im2col(real *col, const real *x, const Shape *shape, int64_t first, int64_t rows)
{
    int c = shape->c, k = shape->kernel;
    int64_t pixels = (int64_t)shape->oh * shape->ow;
    for (int64_t r = first; r < first + rows; r++) {
        const real *image = x + r / pixels * shape->h * shape->w * c;
        int at = (int)(r % pixels);
        Taps ty = taps_at(at / shape->ow, shape->h, k, shape->stride, shape->pad);
        Taps tx = taps_at(at % shape->ow, shape->w, k, shape->stride, shape->pad);
        bool empty = tx.first == tx.end;
        size_t left = (size_t)tx.first * c, right = (size_t)(k - tx.end) * c;
        size_t middle = (size_t)(tx.end - tx.first) * c;
        for (int ky = 0; ky < k; ky++, col += (size_t)k * c) {
            if (empty || ky < ty.first || ky >= ty.end) {
                memset(col, 0, (size_t)k * c * sizeof *col);
                continue;
            }
            const real *row =
                image + ((size_t)(ty.origin + ky) * shape->w + tx.origin + tx.first) * c;
            memset(col, 0, left * sizeof *col);
            memcpy(col + left, row, middle * sizeof *col);
            memset(col + left + middle, 0, right * sizeof *col);
        }
    }
}

CLONES void im2col_backward(real *dx, const real *col, const Shape *shape, int64_t first,
                            int64_t rows)
{
    int c = shape->c, k = shape->kernel;
    int64_t pixels = (int64_t)shape->oh * shape->ow;
    for (int64_t r = first; r < first + rows; r++, col += (size_t)k * k * c) {
        real *image = dx + r / pixels * shape->h * shape->w * c;
        int at = (int)(r % pixels);
        Taps ty = taps_at(at / shape->ow, shape->h, k, shape->stride, shape->pad);
        Taps tx = taps_at(at % shape->ow, shape->w, k, shape->stride, shape->pad);
        for (int ky = ty.first; ky < ty.end && tx.first < tx.end; ky++)
            add(image + ((size_t)(ty.origin + ky) * shape->w + tx.origin + tx.first) * c,
                col + ((size_t)ky * k + tx.first) * c, (size_t)(tx.end - tx.first) * c);
    }
}
