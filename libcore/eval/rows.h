/* What is evaluated: embeddings with the label and the key of each face, as plain arrays.
 *
 * A score is the cosine of two embeddings. Each row is divided by its length in double precision
 * and rounded to float once, so that its scores do not depend on how it was scaled. */
#ifndef EVAL_ROWS_H
#define EVAL_ROWS_H

#include <stdint.h>

#include "base/err.h"

typedef struct EvalRows {
    int64_t n, d;
    const float *embedding; /* [n,d] */
    const int64_t *label;   /* [n], negative: unknown; NULL where no labels are needed */
    const char *key;        /* the keys one after another, without a separator; or NULL */
    const int64_t *key_end; /* [n], the end of each key in key */
} EvalRows;

/* The key of a row and its length; "" and 0 when there are no keys. Not NUL-terminated. */
const char *eval_key(const EvalRows *rows, int64_t row, int *length);

/* out[d] = embedding[row] / |embedding[row]|. An embedding that is zero or not finite has no
 * direction: the message names row and key. */
int eval_unit(float *out, const EvalRows *rows, int64_t row, Err *err);

/* out[n] = the cosines of the pairs of rows pair[n][2], summed in double: they depend on nothing
 * but the two rows. */
int eval_pair_scores(float *out, const EvalRows *rows, const int64_t (*pair)[2], int64_t n,
                     Err *err);

#endif
