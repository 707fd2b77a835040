/* The k largest of many scores, found as they come, in memory for four times k of them. Which they
 * are does not depend on the order in which they come or on the number of workers. */
#ifndef SCORES_LARGEST_INTERNAL_H
#define SCORES_LARGEST_INTERNAL_H

#include <stdint.h>

#include "comm/comm_internal.h"

typedef struct Largest Largest;

/* k >= 1. NULL on failure. */
Largest *largest_new(int64_t k, int workers, Err *err);
void largest_free(Largest *largest); /* NULL is fine */

/* Takes score[n], none of them NaN. Several workers may call it at a time, each with a number of
 * its own. */
void largest_add(Largest *largest, int worker, const float *score, int64_t n);

/* The score of that rank, from 1, of all that were taken; or -INFINITY when there are fewer or the
 * rank exceeds k. Not while others add. Sorts when it is called for the first time; no more scores
 * can then be added. */
float largest_rank(Largest *largest, int64_t rank);

/* After the last score, in all processes: each has what all of them took. */
void largest_join(Largest *largest, Comm *comm);

/* How many scores were taken. */
int64_t largest_seen(const Largest *largest);

#endif
