/* Embeddings to test with */
#ifndef UNIT_ROWS_H
#define UNIT_ROWS_H

#include <math.h>
#include <stdlib.h>

#include "base/rng_internal.h"

/* n rows of length 1 in d dimensions; some of them equal; for the caller to free() */
static float *unit_rows(int64_t n, int64_t d, uint64_t seed)
{
    float *row = calloc((size_t)(n * d), sizeof *row);
    for (int64_t i = 0; i < n; i++) {
        Rng rng = rng_at(seed, i % 7 == 6 ? (uint64_t)i - 5 : (uint64_t)i, 0, 0);
        double sum = 0;
        for (int64_t j = 0; j < d; j++) {
            row[i * d + j] = (float)rng_normal(&rng);
            sum += (double)row[i * d + j] * row[i * d + j];
        }
        for (int64_t j = 0; j < d; j++)
            row[i * d + j] = (float)(row[i * d + j] / sqrt(sum));
    }
    return row;
}

#endif
