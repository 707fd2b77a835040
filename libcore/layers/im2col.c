#include "layers/im2col_internal.h"

#include "base/bfloat_internal.h"

#include <stdbool.h>
#include <string.h>

INLINE void add(real *restrict y, const real *restrict x, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] += x[i];
}

/* Pixels under a kernel: where its rows begin in the image, and which of it lies there. */
typedef struct Patch {
    Taps y, x;
    const real *image;
} Patch;

INLINE Patch patch_at(const real *x, const Shape *s, int64_t row)
{
    int64_t pixels = (int64_t)s->oh * s->ow;
    int at = (int)(row % pixels);
    return (Patch){.image = x + row / pixels * s->h * s->w * s->c,
                   .y = taps_at(at / s->ow, s->h, s->kernel, s->stride, s->pad),
                   .x = taps_at(at % s->ow, s->w, s->kernel, s->stride, s->pad)};
}

WITH_BFLOAT void im2col_bfloat(Bfloat *col, const real *x, const Shape *s, int64_t first,
                               int64_t rows)
{
    size_t c = (size_t)s->c, across = s->kernel * c;
    for (int64_t r = first; r < first + rows; r++) {
        Patch p = patch_at(x, s, r);
        size_t left = p.x.first * c, middle = (size_t)(p.x.end - p.x.first) * c;
        for (int ky = 0; ky < s->kernel; ky++, col += across) {
            bool inside = middle > 0 && ky >= p.y.first && ky < p.y.end;
            if (!inside || middle < across)
                memset(col, 0, across * sizeof *col);
            if (inside)
                bfloat_row(col + left,
                           p.image +
                               ((size_t)(p.y.origin + ky) * s->w + p.x.origin + p.x.first) * c,
                           middle);
        }
    }
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
