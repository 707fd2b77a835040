/* Who probes are, among the people of a gallery that passes by, piece by piece.
 *
 *     a = answers_new(probes, per, top, pool, err);
 *     for each piece of the gallery: answers_add(a, rows, err);
 *     answers_end(a, err);
 *     for each probe: answers_count(a, probe), answers_at(a, probe, 0)
 *
 * Of the gallery only keys and identities are kept, and with ANSWERS_MEAN the people's means. */
#ifndef IDENTIFY_ANSWERS_INTERNAL_H
#define IDENTIFY_ANSWERS_INTERNAL_H

#include "base/pool.h"
#include "comm/comm_internal.h"
#include "product/kernels.h"
#include "stream/embeddings.h"

typedef enum AnswersPer {
    ANSWERS_ROW,  /* each row is a neighbour */
    ANSWERS_BEST, /* each person, by the best of their rows; rows of nobody known, each */
    ANSWERS_MEAN  /* each person, by the mean of their rows; rows of nobody known are left out */
} AnswersPer;

typedef struct Answer {
    int64_t row;     /* of the gallery, from 0; -1 for a mean */
    const char *key; /* of the row, not NUL-terminated; "" for a mean */
    int key_length;
    const char *identity; /* a name, or a label in digits, or "": nobody knows */
    float score;
} Answer;

typedef struct Answers Answers;

/* The probes' embeddings are copied, as vectors of length 1; the pool is borrowed. NULL on
 * failure. */
Answers *answers_new(const EmbeddingRows *probes, AnswersPer per, int64_t top, Pool *pool,
                     Err *err);
void answers_free(Answers *answers); /* NULL is fine */

/* Before the first piece: see neighbours_kernels(). */
void answers_kernels(Answers *answers, Kernels *kernels);

/* The same: see neighbours_share(). */
void answers_share(Answers *answers, Comm *comm);

int answers_add(Answers *answers, const EmbeddingRows *gallery, Err *err);

/* A gallery without rows is an error. */
int answers_end(Answers *answers, Err *err);

/* How many neighbours a probe has, at most `top`, and the i-th nearest of them. */
int64_t answers_count(Answers *answers, int64_t probe);
Answer answers_at(Answers *answers, int64_t probe, int64_t i);

#endif
