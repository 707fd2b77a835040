#include "nn/concat.h"

#include <string.h>

void concat_forward(real *y, const real *a, const real *b, int64_t rows, int ca, int cb)
{
    for (int64_t r = 0; r < rows; r++, y += ca + cb) {
        memcpy(y, a + r * ca, (size_t)ca * sizeof *y);
        memcpy(y + ca, b + r * cb, (size_t)cb * sizeof *y);
    }
}

INLINE void add(real *restrict dx, const real *restrict dy, int c)
{
#pragma omp simd
    for (int j = 0; j < c; j++)
        dx[j] += dy[j];
}

CLONES void concat_backward(real *da, real *db, const real *dy, int64_t rows, int ca, int cb)
{
    for (int64_t r = 0; r < rows; r++, dy += ca + cb) {
        if (da != NULL)
            add(da + r * ca, dy, ca);
        if (db != NULL)
            add(db + r * cb, dy + ca, cb);
    }
}
