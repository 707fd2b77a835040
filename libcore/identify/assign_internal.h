/* Which of the groups that exist faces belong to: that of the nearest face of them all, if its
 * score is at or above a threshold. The grouped faces pass by, piece by piece. */
#ifndef IDENTIFY_ASSIGN_INTERNAL_H
#define IDENTIFY_ASSIGN_INTERNAL_H

#include "base/pool.h"
#include "stream/embeddings.h"

typedef struct Assigner Assigner;

/* Of unit[n,d], rows of length 1, which must outlive it, as must the pool. NULL on failure. */
Assigner *assigner_new(const float *unit, int64_t n, int64_t d, double threshold, Pool *pool,
                       Err *err);
void assigner_free(Assigner *assigner); /* NULL is fine */

/* Grouped faces, by their labels; those of none, -1, are passed over. */
int assigner_add(Assigner *assigner, const EmbeddingRows *rows, Err *err);

/* group[n] = the label of the nearest, or -1. Returns the largest label there was, or -1. */
int64_t assigner_end(Assigner *assigner, int64_t *group);

#endif
