/* The exact order of counted scores: which key has a rank, and which comes before and after it. */
#ifndef EVAL_ORDER_H
#define EVAL_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "eval/roc.h"
#include "eval/tally.h"

enum { ORDER_EQUAL_RATES = 0 }; /* in place of a rank: the vertex where the error rates cross */

/* Marks the cells that order_place() of this rank looks at, and of the impostors next to it. After
 * the first walk. */
void order_mark(Tally *tally, const Roc *roc, int64_t rank);

/* The last key that accepts `rank` impostors or more (or, for ORDER_EQUAL_RATES, at least as large
 * a share of them as it rejects of the genuine pairs), and the impostors below it and up to it. */
typedef struct OrderPlace {
    uint64_t key;
    int64_t below, below_next;
} OrderPlace;

/* Its cell must have been marked and counted. */
OrderPlace order_place(const Tally *tally, const Roc *roc, int64_t rank);

/* The cell that order_place() of this rank looks at. */
int32_t order_cell(const Tally *tally, const Roc *roc, int64_t rank);

#endif
