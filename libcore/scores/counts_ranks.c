#include "scores/counts_cells_internal.h"
#include "scores/score_key_internal.h"

/* Cells wanted at a time where a search leaves the known ones: 0.008 of score and 16 MiB of tables.
 * A search that goes farther costs another walk. */
enum { SPAN = 256 };

static bool reached(const Counts *counts, int64_t impostors_below, int64_t genuine_below,
                    int64_t rank)
{
    int64_t accepted = counts_impostor(counts) - impostors_below;
    if (rank != COUNTS_EQUAL_RATES)
        return accepted >= rank;
    return (unsigned __int128)accepted * (unsigned __int128)counts_genuine(counts) >=
           (unsigned __int128)genuine_below * (unsigned __int128)counts_impostor(counts);
}

/* The last cell whose first key reaches the rank: the score at which it changes is in there. */
static int32_t cell_at_rank(const Counts *counts, int64_t rank)
{
    int32_t begin = 0, end = CELLS;
    while (end - begin > 1) {
        int32_t middle = begin + (end - begin) / 2;
        if (reached(counts, counts_cells_below(counts, middle),
                    counts_genuine_below(counts, cell_key(middle)), rank))
            begin = middle;
        else
            end = middle;
    }
    return begin;
}

CountsPlace counts_at_rank(const Counts *counts, int64_t rank)
{
    int32_t cell = cell_at_rank(counts, rank);
    uint64_t begin = cell_key(cell), end = cell_key(cell + 1);
    while (end - begin > 1) {
        uint64_t middle = begin + (end - begin) / 2;
        if (reached(counts, counts_impostors_below(counts, cell, middle),
                    counts_genuine_below(counts, middle), rank))
            begin = middle;
        else
            end = middle;
    }
    return (CountsPlace){begin, counts_impostors_below(counts, cell, begin),
                         counts_impostors_below(counts, cell, begin + 1)};
}

void counts_want_rank(Counts *counts, int64_t rank)
{
    int32_t cell = cell_at_rank(counts, rank);
    int64_t accepted = counts_impostor(counts) - counts_cells_below(counts, cell);
    int64_t above = counts_impostor(counts) - counts_cells_below(counts, cell + 1);
    counts_want_known(counts, cell);
    if (rank != COUNTS_EQUAL_RATES && accepted < counts_impostor(counts))
        counts_want_known(counts, cell_at_rank(counts, accepted + 1));
    if (rank != COUNTS_EQUAL_RATES && above > 0)
        counts_want_known(counts, cell_at_rank(counts, above));
}

/* True when the cell is known; else it and its neighbours in a direction are wanted. */
static bool known_or_wanted(Counts *counts, int32_t cell, int direction)
{
    if (counts_cell_known(counts, cell))
        return true;
    counts_want_known(counts, cell);
    for (int i = 1; direction != 0 && i < SPAN; i++)
        if (cell + i * direction >= 0 && cell + i * direction < CELLS)
            counts_want_known(counts, cell + i * direction);
    return false;
}

bool counts_find_rank(uint64_t *key, Counts *counts, int64_t rank, int direction)
{
    if (!known_or_wanted(counts, cell_at_rank(counts, rank), direction))
        return false;
    *key = counts_at_rank(counts, rank).key;
    return true;
}

bool counts_find_below(int64_t below[2], Counts *counts, uint32_t key, int direction)
{
    int32_t cell = cell_of(score_of_key(key));
    if (!known_or_wanted(counts, cell, direction))
        return false;
    below[0] = counts_impostors_below(counts, cell, key);
    below[1] = counts_impostors_below(counts, cell, (uint64_t)key + 1);
    return true;
}

int64_t counts_surely_below(const Counts *counts, uint32_t key)
{
    return counts_cells_below(counts, cell_of(score_of_key(key)));
}
