/* Impostors counted by cell (cell_internal.h): the part of one worker.
 *
 * Counting is all that most impostors need. Those of special cells are also compared with the
 * genuine scores near them, for the area under the curve, and noted float by float, for exact
 * thresholds: in a table with a place for each float of the cell, or in a list. */
#ifndef SCORES_CELL_COUNTER_INTERNAL_H
#define SCORES_CELL_COUNTER_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum {
    COUNT_NEAR = 16, /* genuine scores that an impostor of a special cell is compared with */
    COUNT_PENDING = 1 << 15
};

/* What is known of a cell. */
typedef struct CellLook {
    uint32_t begin; /* the first genuine score in this cell or a higher one */
    uint32_t place; /* one more than its first place in the table; 0: none, or COUNT_LISTED */
} CellLook;

#define COUNT_LISTED 0xffffffffu

/* Set in a count: the cell is special. */
#define COUNT_SPECIAL 0x80000000u

/* Twice a number of pairs (genuine, impostor), which overflows 64 bits for large sets. */
typedef __int128 Wins;

/* What the workers share. */
typedef struct Counting {
    const CellLook *look;    /* [CELLS + 1] */
    const uint32_t *genuine; /* sorted keys, and COUNT_NEAR that are above them all */
    int64_t most;            /* keys that a worker may list */
    int64_t *table;          /* written under the lock, as is below */
    int64_t *below;          /* [CELLS], the counts of each cell; NULL if they are known already */
    pthread_mutex_t lock;
} Counting;

typedef struct Counter {
    Counting *shared;
    uint32_t *count; /* [CELLS]; the caller sets COUNT_SPECIAL before it counts */
    int64_t counted; /* the sum of these counts, less than COUNT_SPECIAL */
    Wins wins;       /* of the genuine scores compared; an equal one is half a win */
    uint32_t *list;  /* [listed] keys */
    int64_t listed, room;
    bool full; /* some could not be listed */
    int pending;
    uint32_t place[COUNT_PENDING];
} Counter;

/* All zero. */
int cell_counter_init(Counter *counter, Counting *shared, Err *err);
void cell_counter_release(Counter *counter); /* safe on a zeroed one */

void cell_counter_add(Counter *counter, const float *score, int64_t n);

/* Hands what was counted to what the workers share; wins and the list stay. */
void cell_counter_finish(Counter *counter);

/* Where the comparisons of an impostor of a special cell end. */
static inline int64_t count_compared(const CellLook *cell)
{
    int64_t near = (int64_t)cell[0].begin + COUNT_NEAR, end = cell[1].begin;
    return near > end ? near : end;
}

#endif
