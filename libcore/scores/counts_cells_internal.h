/* The cells of exact counts, for the parts of counts_internal.h. */
#ifndef SCORES_COUNTS_CELLS_INTERNAL_H
#define SCORES_COUNTS_CELLS_INTERNAL_H

#include "scores/cell_internal.h"
#include "scores/counts_internal.h"

/* Wants every float of a cell counted by the next walk: in a table, or, where fewer impostors than
 * floats are expected in it, by a list of them. Before the first walk the number expected may be
 * wrong: it may cost a second walk. Wanting twice is fine. */
void counts_want_cell(Counts *counts, int32_t cell, double expected);

/* The same after the first walk, when it is known how many they are. */
void counts_want_known(Counts *counts, int32_t cell);

/* The first walk keeps the impostors of that score or more (kept_internal.h). */
void counts_keep_from(Counts *counts, float score);

/* Can counts_impostors_below() be asked about any key of this cell? */
bool counts_cell_known(const Counts *counts, int32_t cell);

/* The number of impostors in lower cells, 0 <= cell <= CELLS. After the first walk. */
int64_t counts_cells_below(const Counts *counts, int32_t cell);

/* The number of impostors with a key less than this one, which lies in that cell: the cell's first
 * key, or one of a cell that is known. */
int64_t counts_impostors_below(const Counts *counts, int32_t cell, uint64_t key);

/* The scores that were given to counts_new(). */
const Scores *counts_scores(const Counts *counts);

#endif
