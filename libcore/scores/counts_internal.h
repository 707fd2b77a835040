/* Exact counts of scores, in memory that does not grow with the number of impostors: what every
 * search for a threshold is built on.
 *
 * The genuine scores are made first, kept and sorted; in all pairs of a labelled set they take less
 * room than the embeddings, as long as an identity has fewer than 2d images on average. A walk over
 * the impostors counts them by cell (cell_internal.h), and in cells that were asked for, float by
 * float. A caller who guessed the cells of his thresholds needs one walk; otherwise the first walk
 * finds them and a second one counts them. The first walk also compares impostors with the genuine
 * scores in their cells, which makes the area under the curve exact. Counts are integers, so they
 * are the same for any number of threads.
 *
 *     counts = counts_new(scores ...);
 *     counts_guess(counts, rank, n ...);
 *     counts_walk(counts ...);
 *     for each rank: counts_want_rank(counts, rank);
 *     if (counts_wanting(counts)) counts_walk(counts ...);
 *     for each rank: counts_at_rank(counts, rank)
 *
 * Scores are spoken of by their keys (score_key_internal.h). */
#ifndef SCORES_COUNTS_INTERNAL_H
#define SCORES_COUNTS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"
#include "scores/scores.h"

typedef struct Counts Counts;

/* Makes and sorts the genuine scores. NULL on failure. */
Counts *counts_new(const Scores *scores, Pool *pool, Err *err);
void counts_free(Counts *counts); /* NULL is fine */

int64_t counts_genuine(const Counts *counts);  /* number of genuine scores */
int64_t counts_impostor(const Counts *counts); /* number of impostor scores */

/* In place of a rank: where as large a share of the impostors is accepted as of the genuine scores
 * is rejected, the crossing of the error rates. */
enum { COUNTS_EQUAL_RATES = 0 };

/* Wants the cells in which the impostors of rank[n] and the crossing of the error rates should lie,
 * from a sample of the impostors, so that one walk over all of them is mostly enough. A wrong guess
 * costs a second walk, nothing else. Nothing is guessed for few scores or many ranks. The walk also
 * keeps what scores_keep() asked for. */
int counts_guess(Counts *counts, const int64_t *rank, int n, Pool *pool, Err *err);

/* A walk over the impostors, which counts the wanted cells by float. */
int counts_walk(Counts *counts, Pool *pool, Err *err);

/* After the first walk: wants the cells that counts_at_rank() looks at for this rank, and for the
 * impostors next to it. */
void counts_want_rank(Counts *counts, int64_t rank);

/* Are cells wanted that no walk has counted yet? */
bool counts_wanting(const Counts *counts);

/* The last key that accepts `rank` impostors or more (or, for COUNTS_EQUAL_RATES, at least as large
 * a share of them as it rejects of the genuine scores), and the impostors below it and up to it. */
typedef struct CountsPlace {
    uint64_t key;
    int64_t below, below_next;
} CountsPlace;

/* Its cell must have been wanted and counted. */
CountsPlace counts_at_rank(const Counts *counts, int64_t rank);

/* For searches that go from score to score, direction 1 upwards or -1 downwards. False when cells
 * must be counted first: this one and some next to it in that direction (0: this one alone) are
 * then wanted, and the call is to be repeated after a walk. */
bool counts_find_rank(uint64_t *key, Counts *counts, int64_t rank, int direction);

/* The same: below[2] = the impostors with a key less than this one, and with one up to it. */
bool counts_find_below(int64_t below[2], Counts *counts, uint32_t key, int direction);

/* The number of impostors in cells below that of this key: a lower bound of those below it. */
int64_t counts_surely_below(const Counts *counts, uint32_t key);

/* The genuine score with that many others before it in ascending order, as a key. */
uint32_t counts_genuine_key(const Counts *counts, int64_t place);

/* The number of genuine scores with a key less than this one. */
int64_t counts_genuine_below(const Counts *counts, uint64_t key);

/* The probability that a genuine score exceeds an impostor, equal ones counted by half: the area
 * under the ROC. NaN when there are none of a kind. */
double counts_area(const Counts *counts);

#endif
