#include "scores/cell_counter_internal.h"

#include <stdlib.h>

#include "base/array_internal.h"
#include "base/real_internal.h"
#include "scores/cell_internal.h"

enum { CHUNK = 512 }; /* scores looked at at a time */

/* As many keys as are compared with, at any place a key may be. */
typedef uint32_t NearKeys __attribute__((vector_size(4 * COUNT_NEAR), aligned(4), may_alias));

int cell_counter_init(Counter *counter, Counting *shared, Err *err)
{
    *counter = (Counter){.shared = shared, .count = calloc(CELLS, sizeof(uint32_t))};
    return counter->count != NULL ? 0 : err_memory(err, "counts", CELLS * sizeof(uint32_t));
}

void cell_counter_release(Counter *counter)
{
    free(counter->count);
    free(counter->list);
}

/* Counts the scores and tells the positions of those in special cells. */
CLONES
static int64_t count_cells(uint32_t *count, int32_t *cell, int32_t *special, const float *score,
                           int64_t n)
{
    int64_t found = 0;
    for (int64_t i = 0; i < n; i++)
        cell[i] = cell_of(score[i]);
    for (int64_t i = 0; i < n; i++) {
        uint32_t before = count[cell[i]];
        count[cell[i]] = before + 1;
        special[found] = (int32_t)i;
        found += before >> 31;
    }
    return found;
}

/* Twice the number of pairs of these special impostors and the COUNT_NEAR genuine scores from the
 * impostor's cell on in which the genuine one is higher, plus the number in which they are equal.
 * Genuine scores behind these are higher anyway, unless the cell is crowded. Impostors of
 * crowded cells and of cells that are counted by float, *more of them, move to the front of
 * special[]. */
CLONES
static int64_t compare_near(int32_t *special, int64_t *more, const Counting *shared,
                            const int32_t *cell, const float *score, int64_t n)
{
    NearKeys wins = {0};
    int64_t sum = 0, found = 0;
    for (int64_t j = 0; j < n; j++) {
        int32_t i = special[j];
        const CellLook *at = &shared->look[cell[i]];
        const NearKeys *near = (const NearKeys *)(shared->genuine + at->begin);
        NearKeys key = score_key(score[i]) - (NearKeys){0};
        wins -= (NearKeys)(*near > key) + (NearKeys)(*near >= key);
        special[found] = i;
        found += at->place != 0 || at[1].begin - at->begin > COUNT_NEAR;
    }
    for (int lane = 0; lane < COUNT_NEAR; lane++)
        sum += wins[lane];
    *more = found;
    return sum;
}

/* The same for the other genuine scores of a crowded cell. */
static int64_t wins_crowd(uint32_t key, const uint32_t *genuine, int64_t n)
{
    int64_t less = score_keys_less(genuine, n, key), not_more = less;
    if (less < n && genuine[less] == key)
        not_more = score_keys_less(genuine, n, key + 1);
    return 2 * (n - not_more) + (not_more - less);
}

static void list(Counter *counter, uint32_t key)
{
    if (counter->listed == counter->room && !counter->full)
        counter->full = counter->listed >= counter->shared->most ||
                        !array_fit(counter->list, counter->room, counter->listed + 1);
    if (!counter->full)
        counter->list[counter->listed++] = key;
}

static void count_pending(Counter *counter)
{
    Counting *shared = counter->shared;
    pthread_mutex_lock(&shared->lock);
    for (int i = 0; i < counter->pending; i++)
        shared->table[counter->place[i]]++;
    pthread_mutex_unlock(&shared->lock);
    counter->pending = 0;
}

static void count_more(Counter *counter, const int32_t *special, int64_t n, const int32_t *cells,
                       const float *score)
{
    const Counting *shared = counter->shared;
    for (int64_t j = 0; j < n; j++) {
        int32_t cell = cells[special[j]];
        const CellLook *at = &shared->look[cell];
        uint32_t key = score_key(score[special[j]]);
        int64_t begin = (int64_t)at->begin + COUNT_NEAR, end = at[1].begin;
        if (begin < end)
            counter->wins += (Wins)wins_crowd(key, shared->genuine + begin, end - begin);
        if (at->place == COUNT_LISTED)
            list(counter, key);
        else if (at->place != 0)
            counter->place[counter->pending++] = at->place - 1 + (key - (uint32_t)cell_key(cell));
        if (counter->pending == COUNT_PENDING)
            count_pending(counter);
    }
}

/* Adds the counts to those of all before they could overflow. */
static void gather(Counter *counter)
{
    Counting *shared = counter->shared;
    pthread_mutex_lock(&shared->lock);
    for (int32_t cell = 0; cell < CELLS; cell++) {
        if (shared->below != NULL)
            shared->below[cell] += counter->count[cell] & ~COUNT_SPECIAL;
        counter->count[cell] &= COUNT_SPECIAL;
    }
    pthread_mutex_unlock(&shared->lock);
    counter->counted = 0;
}

void cell_counter_add(Counter *counter, const float *score, int64_t n)
{
    for (int64_t m; n > 0; score += m, n -= m) {
        int32_t cell[CHUNK], special[CHUNK + 1];
        m = n < CHUNK ? n : CHUNK;
        if (counter->counted + m >= (int64_t)COUNT_SPECIAL)
            gather(counter);
        counter->counted += m;
        int64_t found = count_cells(counter->count, cell, special, score, m);
        if (found > 0)
            counter->wins +=
                (Wins)compare_near(special, &found, counter->shared, cell, score, found);
        count_more(counter, special, found, cell, score);
    }
}

void cell_counter_finish(Counter *counter)
{
    count_pending(counter);
    gather(counter);
}
