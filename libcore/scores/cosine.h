/* A score is the cosine of two embeddings. Each is divided by its length in double precision and
 * rounded to float once, so that its scores do not depend on how it was scaled. */
#ifndef SCORES_COSINE_H
#define SCORES_COSINE_H

#include <stdint.h>

#include "base/api.h"
#include "base/pool.h"
#include "stream/embeddings.h"

API_BEGIN

/* out[d] = embedding[row] / |embedding[row]|. An embedding that is zero or not finite has no
 * direction: the message names row and key. */
int cosine_unit(float *out, const EmbeddingRows *rows, int64_t row, Err *err);

/* out[n,d] = all rows, each divided by its length. The message names the first without a
 * direction. */
int cosine_units(float *out, const EmbeddingRows *rows, Pool *pool, Err *err);

/* The cosine of x[d] and y[d] of length 1, summed in double and rounded once: it depends on nothing
 * but the two, and is that of y and x. */
float cosine_of_units(const float *x, const float *y, int64_t d);

/* out[n] = the cosines of the pairs of rows pair[n][2], by cosine_of_units(). */
int cosine_pairs(float *out, const EmbeddingRows *rows, const int64_t (*pair)[2], int64_t n,
                 Err *err);

API_END

#endif
