/* A score is the cosine of two embeddings. Each is divided by its length in double precision and
 * rounded to float once, so that its scores do not depend on how it was scaled. */
#ifndef SCORES_COSINE_H
#define SCORES_COSINE_H

#include <stdint.h>

#include "base/api.h"
#include "stream/embeddings.h"

API_BEGIN

/* out[d] = embedding[row] / |embedding[row]|. An embedding that is zero or not finite has no
 * direction: the message names row and key. */
int cosine_unit(float *out, const EmbeddingRows *rows, int64_t row, Err *err);

/* out[n] = the cosines of the pairs of rows pair[n][2], summed in double: they depend on nothing
 * but the two rows. */
int cosine_pairs(float *out, const EmbeddingRows *rows, const int64_t (*pair)[2], int64_t n,
                 Err *err);

API_END

#endif
