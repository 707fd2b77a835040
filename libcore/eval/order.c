#include "eval/order.h"

#include "eval/cell.h"

static bool reached(const Roc *roc, int64_t impostors_below, int64_t genuine_below, int64_t rank)
{
    int64_t accepted = roc->impostor - impostors_below;
    if (rank != ORDER_EQUAL_RATES)
        return accepted >= rank;
    return (unsigned __int128)accepted * (unsigned __int128)roc->genuine >=
           (unsigned __int128)genuine_below * (unsigned __int128)roc->impostor;
}

/* The last cell whose first key reaches the rank: the score at which it changes is in there. */
int32_t order_cell(const Tally *tally, const Roc *roc, int64_t rank)
{
    int32_t begin = 0, end = CELLS;
    while (end - begin > 1) {
        int32_t middle = begin + (end - begin) / 2;
        if (reached(roc, tally_cells_below(tally, middle),
                    tally_genuine_below(tally, cell_key(middle)), rank))
            begin = middle;
        else
            end = middle;
    }
    return begin;
}

OrderPlace order_place(const Tally *tally, const Roc *roc, int64_t rank)
{
    int32_t cell = order_cell(tally, roc, rank);
    uint64_t begin = cell_key(cell), end = cell_key(cell + 1);
    while (end - begin > 1) {
        uint64_t middle = begin + (end - begin) / 2;
        if (reached(roc, tally_impostors_below(tally, cell, middle),
                    tally_genuine_below(tally, middle), rank))
            begin = middle;
        else
            end = middle;
    }
    return (OrderPlace){begin, tally_impostors_below(tally, cell, begin),
                        tally_impostors_below(tally, cell, begin + 1)};
}

void order_mark(Tally *tally, const Roc *roc, int64_t rank)
{
    int32_t cell = order_cell(tally, roc, rank);
    int64_t accepted = roc->impostor - tally_cells_below(tally, cell);
    int64_t above = roc->impostor - tally_cells_below(tally, cell + 1);
    tally_mark_known(tally, cell);
    if (rank != ORDER_EQUAL_RATES && accepted < roc->impostor)
        tally_mark_known(tally, order_cell(tally, roc, accepted + 1));
    if (rank != ORDER_EQUAL_RATES && above > 0)
        tally_mark_known(tally, order_cell(tally, roc, above));
}
