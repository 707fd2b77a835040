#include "scores/cosine.h"

#include <math.h>
#include <stdlib.h>

#include "base/real_internal.h"

static int no_direction(const EmbeddingRows *rows, int64_t row, const char *what, Err *err)
{
    int length;
    const char *key = embedding_key(rows, row, &length);
    return err_set(err, "row %lld%s%.*s%s: the embedding is %s", (long long)row,
                   length > 0 ? " (" : "", length, key, length > 0 ? ")" : "", what);
}

CLONES
static double squares_of(const float *x, int64_t d)
{
    double squares = 0;
#pragma omp simd reduction(+ : squares)
    for (int64_t k = 0; k < d; k++)
        squares += (double)x[k] * x[k];
    return squares;
}

CLONES
static void divide(float *out, const float *x, double length, int64_t d)
{
    for (int64_t k = 0; k < d; k++)
        out[k] = (float)(x[k] / length);
}

int cosine_unit(float *out, const EmbeddingRows *rows, int64_t row, Err *err)
{
    const float *x = rows->embedding + row * rows->d;
    double squares = squares_of(x, rows->d);
    if (!isfinite(squares))
        return no_direction(rows, row, "not finite", err);
    if (squares == 0)
        return no_direction(rows, row, "zero", err);
    divide(out, x, sqrt(squares), rows->d);
    return 0;
}

static double dot(const float *x, const float *y, int64_t d)
{
    double sum = 0;
    for (int64_t k = 0; k < d; k++)
        sum += (double)x[k] * y[k];
    return sum;
}

int cosine_pairs(float *out, const EmbeddingRows *rows, const int64_t (*pair)[2], int64_t n,
                 Err *err)
{
    size_t bytes = (size_t)rows->d * sizeof(float);
    float *unit = malloc(2 * bytes);
    if (unit == NULL)
        return err_memory(err, "two embeddings", 2 * bytes);
    int rc = 0;
    for (int64_t i = 0; rc == 0 && i < n; i++) {
        rc = cosine_unit(unit, rows, pair[i][0], err);
        if (rc == 0)
            rc = cosine_unit(unit + rows->d, rows, pair[i][1], err);
        if (rc == 0)
            out[i] = (float)dot(unit, unit + rows->d, rows->d);
    }
    free(unit);
    return rc;
}
