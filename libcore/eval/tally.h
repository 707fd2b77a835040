/* Exact counts of scores, in memory that does not grow with the number of impostors.
 *
 * The genuine scores are made first, kept and sorted; in all pairs of a labelled set they take less
 * room than the embeddings, as long as an identity has fewer than 2d images on average. A walk over
 * the impostors counts them by cell (cell.h), and in the cells that were marked by float. Who
 * guessed the cells in which his thresholds lie needs one walk; who did not finds them by the first
 * and marks them for a second. The first walk also compares impostors with the genuine scores
 * in their cells, which makes the area under the curve exact. Counts are integers, so they are the
 * same for any number of threads. */
#ifndef EVAL_TALLY_H
#define EVAL_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"
#include "eval/scores.h"

typedef struct Tally Tally;

/* Makes and sorts the genuine scores. NULL on failure. */
Tally *tally_new(const Scores *scores, Pool *pool, Err *err);
void tally_free(Tally *tally); /* NULL is fine */

/* Asks for every float of a cell to be counted by the next walk, in a table, or, where fewer
 * impostors than floats are expected in it, by a list of them. Before the first walk the number
 * expected may be wrong: it may cost a second walk. Marking twice is fine. */
void tally_mark(Tally *tally, int32_t cell, double expected);

/* The same after the first walk, when it is known how many they are. */
void tally_mark_known(Tally *tally, int32_t cell);

/* Can tally_impostors_below() be asked about any key of this cell? */
bool tally_counted(const Tally *tally, int32_t cell);

/* Are there marks that no walk has followed yet? */
bool tally_wanting(const Tally *tally);

/* A walk over the impostors. */
int tally_count(Tally *tally, Pool *pool, Err *err);

/* The number of impostors in lower cells, 0 <= cell <= CELLS. After the first walk. */
int64_t tally_cells_below(const Tally *tally, int32_t cell);

/* The number of impostors with a key less than this one, which lies in that cell: the cell's first
 * key, or one of a cell that was marked and counted. */
int64_t tally_impostors_below(const Tally *tally, int32_t cell, uint64_t key);

/* The genuine score with so many others before it in ascending order, as a key. */
uint32_t tally_genuine_key(const Tally *tally, int64_t place);

/* The number of genuine scores with a key less than this one. */
int64_t tally_genuine_below(const Tally *tally, uint64_t key);

/* The probability that a genuine score exceeds an impostor, equal ones counted by half. NaN when
 * there are none of a kind. */
double tally_area(const Tally *tally);

#endif
