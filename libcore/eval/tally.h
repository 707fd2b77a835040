/* Exact counts of scores, in memory that does not grow with the number of impostors.
 *
 * A score's key (key.h) is cut in two: its upper 20 bits name a bin, its lower 12 a place within
 * it. The first walk over the scores counts the impostors of every bin and keeps the genuine
 * scores, sorted; in all pairs of a labelled set these take less room than the embeddings, as
 * long as an identity has fewer than 2d images on average. The bins in which a wanted threshold
 * lies are then marked, and the second walk counts every key of those. The same walk compares
 * each impostor with the genuine scores of its own bin, which makes the area under the curve
 * exact. Counts are integers, so they are the same for any number of threads. */
#ifndef EVAL_TALLY_H
#define EVAL_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"
#include "eval/scores.h"

enum { TALLY_BIN_BITS = 20, TALLY_PLACE_BITS = 32 - TALLY_BIN_BITS };

typedef struct Tally Tally;

/* The first walk. NULL on failure. */
Tally *tally_new(const Scores *scores, Pool *pool, Err *err);
void tally_free(Tally *tally); /* NULL is fine */

/* Asks for every key of a bin to be counted by the second walk. Marking twice is fine. */
void tally_mark(Tally *tally, uint32_t bin);

/* The second walk. */
int tally_refine(Tally *tally, Pool *pool, Err *err);

/* The number of impostors with a key less than this one, which is the first key of a bin, or 2^32,
 * or lies in a bin that was marked and refined. */
int64_t tally_impostors_below(const Tally *tally, uint64_t key);

/* The number of genuine scores with a key less than this one. */
int64_t tally_genuine_below(const Tally *tally, uint64_t key);

/* The probability that a genuine score exceeds an impostor, equal ones counted by half. After the
 * second walk. NaN when there are none of a kind. */
double tally_area(const Tally *tally);

#endif
