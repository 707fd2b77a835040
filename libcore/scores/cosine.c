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

/* Sums are of eight parts, one a place of a vector, whatever the processor's vectors hold: the same
 * bits on all of them. */
typedef float Eight __attribute__((vector_size(32), aligned(sizeof(float)), may_alias));
typedef double Sums __attribute__((vector_size(64)));

CLONES
static double dot(const float *x, const float *y, int64_t d)
{
    Sums sum = {0};
    int64_t k = 0;
    for (; k + 8 <= d; k += 8)
        sum += __builtin_convertvector(*(const Eight *)(x + k), Sums) *
               __builtin_convertvector(*(const Eight *)(y + k), Sums);
    for (int i = 0; k < d; i++, k++)
        sum[i] += (double)x[k] * y[k];
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

float cosine_of_units(const float *x, const float *y, int64_t d)
{
    return (float)dot(x, y, d);
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
    double squares = dot(x, x, rows->d);
    if (!isfinite(squares))
        return no_direction(rows, row, "not finite", err);
    if (squares == 0)
        return no_direction(rows, row, "zero", err);
    divide(out, x, sqrt(squares), rows->d);
    return 0;
}

/* Rows that a thread takes at a time */
enum { CHUNK = 1024 };

typedef struct Units {
    float *out;
    const EmbeddingRows *rows;
    Err *err; /* [chunks] */
} Units;

static void make_units(void *arg, int64_t chunk, int worker)
{
    const Units *u = arg;
    int64_t end = (chunk + 1) * CHUNK < u->rows->n ? (chunk + 1) * CHUNK : u->rows->n;
    (void)worker;
    for (int64_t i = chunk * CHUNK; i < end; i++)
        if (cosine_unit(u->out + i * u->rows->d, u->rows, i, &u->err[chunk]) != 0)
            return;
}

int cosine_units(float *out, const EmbeddingRows *rows, Pool *pool, Err *err)
{
    int64_t chunks = (rows->n + CHUNK - 1) / CHUNK;
    Units units = {out, rows, calloc((size_t)chunks + 1, sizeof(Err))};
    if (units.err == NULL)
        return err_memory(err, "messages", (size_t)chunks * sizeof(Err));
    pool_run(pool, chunks, make_units, &units);
    int rc = 0;
    for (int64_t k = 0; k < chunks && rc == 0; k++)
        if (err_is_set(&units.err[k]))
            rc = err_set(err, "%s", units.err[k].text);
    free(units.err);
    return rc;
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
            out[i] = cosine_of_units(unit, unit + rows->d, rows->d);
    }
    free(unit);
    return rc;
}
