#include "scores/counts_cells_internal.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/real_internal.h"
#include "scores/cell_counter_internal.h"
#include "scores/kept_internal.h"
#include "scores/scores_internal.h"

struct Counts {
    const Scores *scores;
    uint32_t *genuine; /* sorted keys, and COUNT_NEAR that are above them all */
    _Atomic int64_t genuine_seen;
    int64_t *below; /* [CELLS + 1], impostors in lower cells; while walking, those of each cell */
    CellLook *look; /* [CELLS + 1] */
    int32_t *cell;  /* [wanted], the wanted cells */
    int wanted, wanted_room;
    int counted;    /* of these, how many a walk has counted */
    int64_t *table; /* [places], counts, then impostors in lower places of the cell */
    int64_t places, table_counted; /* of all wanted cells, of those a walk has counted */
    uint32_t *list;                /* [listed], sorted keys of the impostors in listed cells */
    int64_t listed;
    double most;     /* impostors expected in the wanted cells that are listed */
    bool lost;       /* a wanted cell was given up for want of memory */
    float keep_from; /* impostors of this score or more are to be kept; infinite: none */
    bool walked;
    Wins wins;
    Counter *counter; /* [workers], while walking */
};

CLONES
static void make_keys(uint32_t *key, const float *score, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        key[i] = score_key(score[i]);
}

static void keep_genuine(void *arg, int worker, const float *score, int64_t n, bool genuine)
{
    Counts *counts = arg;
    (void)worker;
    (void)genuine;
    make_keys(counts->genuine + atomic_fetch_add(&counts->genuine_seen, n), score, n);
}

static int sort_keys(uint32_t *key, int64_t n, Err *err)
{
    uint32_t *scratch = malloc(((size_t)n + 1) * sizeof *scratch);
    if (scratch == NULL)
        return err_memory(err, "sorting scores", (size_t)n * sizeof *scratch);
    score_keys_sort(key, scratch, n);
    free(scratch);
    return 0;
}

/* Where the genuine scores of each cell begin. */
static void find_genuine(Counts *counts, int64_t n)
{
    int32_t cell = 0;
    for (int64_t i = 0; i < n; i++)
        for (int32_t of = cell_of(score_of_key(counts->genuine[i])); cell <= of; cell++)
            counts->look[cell].begin = (uint32_t)i;
    for (; cell <= CELLS; cell++)
        counts->look[cell].begin = (uint32_t)n;
}

static int allocate(Counts *counts, int64_t n, Err *err)
{
    if (n >= (int64_t)UINT32_MAX)
        return err_set(err, "%lld genuine pairs are more than can be counted", (long long)n);
    counts->genuine = malloc(((size_t)n + COUNT_NEAR) * sizeof *counts->genuine);
    counts->below = calloc(CELLS + 1, sizeof *counts->below);
    counts->look = calloc(CELLS + 1, sizeof *counts->look);
    if (!counts->genuine || !counts->below || !counts->look)
        return err_memory(err, "counts and genuine scores", ((size_t)n + 4 * CELLS) * 4);
    return 0;
}

Counts *counts_new(const Scores *scores, Pool *pool, Err *err)
{
    int64_t n = scores_genuine(scores);
    Counts *counts = calloc(1, sizeof *counts);
    if (counts == NULL) {
        err_memory(err, "counts", sizeof *counts);
        return NULL;
    }
    counts->scores = scores;
    counts->keep_from = INFINITY;
    if (allocate(counts, n, err) != 0 ||
        scores_walk(scores, SCORES_GENUINE, pool, keep_genuine, counts, err) != 0 ||
        sort_keys(counts->genuine, n, err) != 0) {
        counts_free(counts);
        return NULL;
    }
    memset(counts->genuine + n, 0xff, COUNT_NEAR * sizeof *counts->genuine);
    find_genuine(counts, n);
    return counts;
}

void counts_free(Counts *counts)
{
    if (counts == NULL)
        return;
    free(counts->genuine);
    free(counts->below);
    free(counts->look);
    free(counts->cell);
    free(counts->table);
    free(counts->list);
    free(counts);
}

static int64_t floats_of(int32_t cell)
{
    return (int64_t)(cell_key(cell + 1) - cell_key(cell));
}

void counts_want_cell(Counts *counts, int32_t cell, double expected)
{
    if (counts->look[cell].place != 0)
        return;
    if (!array_fit(counts->cell, counts->wanted_room, counts->wanted + 1)) {
        counts->lost = true;
        return;
    }
    counts->cell[counts->wanted++] = cell;
    if (expected < (double)floats_of(cell)) {
        counts->look[cell].place = COUNT_LISTED;
        counts->most += expected;
    } else {
        counts->look[cell].place = (uint32_t)counts->places + 1;
        counts->places += floats_of(cell);
    }
}

void counts_keep_from(Counts *counts, float score)
{
    counts->keep_from = score;
}

void counts_want_known(Counts *counts, int32_t cell)
{
    counts_want_cell(counts, cell, (double)(counts->below[cell + 1] - counts->below[cell]));
}

/* One without impostors needs no counting. One wanted just now has not been counted. */
bool counts_cell_known(const Counts *counts, int32_t cell)
{
    uint32_t place = counts->look[cell].place;
    if (counts->below[cell + 1] == counts->below[cell])
        return true;
    if (place == 0)
        return false;
    for (int i = counts->counted; i < counts->wanted; i++)
        if (counts->cell[i] == cell)
            return false;
    return true;
}

bool counts_wanting(const Counts *counts)
{
    return counts->wanted > counts->counted;
}

/* Room for the places of the cells wanted since the last walk. */
static int grow_table(Counts *counts, Err *err)
{
    size_t bytes = (size_t)counts->places * sizeof(int64_t);
    if (counts->lost || counts->places >= (int64_t)COUNT_LISTED - 1)
        return err_memory(err, "counts", bytes);
    if (counts->places == counts->table_counted)
        return 0;
    if (counts->table == NULL) {
        counts->table = calloc(1, bytes);
        return counts->table != NULL ? 0 : err_memory(err, "counts", bytes);
    }
    if (!array_resize(counts->table, (size_t)counts->places))
        return err_memory(err, "counts", bytes);
    memset(counts->table + counts->table_counted, 0,
           (size_t)(counts->places - counts->table_counted) * sizeof *counts->table);
    return 0;
}

/* Special in the first walk: wanted cells and those with genuine scores; later: wanted ones. */
static bool special_first(const CellLook *cell)
{
    return cell[0].place != 0 || cell[1].begin > cell[0].begin;
}

static int counters_new(Counts *counts, Counting *shared, int n, Err *err)
{
    counts->counter = calloc((size_t)n, sizeof *counts->counter);
    if (counts->counter == NULL)
        return err_memory(err, "counts", (size_t)n * sizeof *counts->counter);
    for (int i = 0; i < n; i++) {
        if (cell_counter_init(&counts->counter[i], shared, err) != 0)
            return -1;
        uint32_t *count = counts->counter[i].count;
        for (int32_t cell = 0; !counts->walked && cell < CELLS; cell++)
            count[cell] = special_first(&counts->look[cell]) ? COUNT_SPECIAL : 0;
        for (int k = counts->counted; k < counts->wanted; k++)
            count[counts->cell[k]] = COUNT_SPECIAL;
    }
    return 0;
}

static void counters_free(Counts *counts, int n)
{
    for (int i = 0; counts->counter != NULL && i < n; i++)
        cell_counter_release(&counts->counter[i]);
    free(counts->counter);
    counts->counter = NULL;
}

/* No cell is listed: those that were are not wanted any more. */
static void unlist(Counts *counts)
{
    int wanted = 0;
    for (int i = 0; i < counts->wanted; i++) {
        int32_t cell = counts->cell[i];
        if (counts->look[cell].place == COUNT_LISTED)
            counts->look[cell].place = 0;
        else
            counts->cell[wanted++] = cell;
    }
    counts->wanted = wanted;
    counts->listed = 0;
}

/* Behind the `n` that this process has listed come those of the others, in the order of the ranks.
 */
static int gather_lists(Counts *counts, int64_t before, Err *err)
{
    Comm *comm = scores_comm(counts->scores);
    int64_t all[COMM_MOST], n = counts->listed - before, rank = comm_rank(comm);
    size_t first[COMM_MOST + 1] = {0}, total = 0;
    comm_gather_integers(comm, all, n);
    for (int r = 0; r < comm_size(comm); r++)
        first[r + 1] = total += (size_t)all[r] * sizeof *counts->list;
    if (!array_resize(counts->list, (size_t)before + total / sizeof *counts->list + 1))
        return err_memory(err, "scores near the thresholds", total);
    uint32_t *own = counts->list + before;
    memmove((char *)own + first[rank], own, (size_t)n * sizeof *own);
    comm_gather(comm, own, first);
    counts->listed = before + (int64_t)(total / sizeof *own);
    return 0;
}

/* What the other processes have counted. */
static void add_processes(Counts *counts, Wins wins)
{
    Comm *comm = scores_comm(counts->scores);
    uint64_t low = (uint64_t)wins;
    /* in pieces that do not overflow when they are added */
    int64_t part[3] = {(int64_t)(low & 0xffffffff), (int64_t)(low >> 32), (int64_t)(wins >> 64)};
    if (comm_size(comm) > 1) {
        comm_sum_integers(comm, part, 3);
        comm_sum_integers(comm, counts->table + counts->table_counted,
                          (size_t)(counts->places - counts->table_counted));
        if (!counts->walked)
            comm_sum_integers(comm, counts->below, CELLS);
    }
    counts->wins += ((Wins)part[2] << 64) + ((Wins)part[1] << 32) + (Wins)part[0];
}

/* The workers' lists behind what is listed already, sorted. */
static int join_lists(Counts *counts, int workers, Err *err)
{
    int64_t n = counts->listed, before = n, fulls = 0, others;
    for (int i = 0; i < workers; i++) {
        n += counts->counter[i].listed;
        fulls += counts->counter[i].full;
    }
    others = n > counts->listed;
    comm_sum_integers(scores_comm(counts->scores), &fulls, 1);
    comm_sum_integers(scores_comm(counts->scores), &others, 1);
    bool full = fulls > 0;
    if (full && counts->walked)
        return err_memory(err, "scores near the thresholds", (size_t)n * sizeof(uint32_t));
    if (full)
        unlist(counts);
    if (full || others == 0)
        return 0;
    if (!array_resize(counts->list, (size_t)n + 1))
        return err_memory(err, "scores near the thresholds", (size_t)n * sizeof(uint32_t));
    uint32_t *list = counts->list;
    for (int i = 0; i < workers; i++) {
        const Counter *counter = &counts->counter[i];
        if (counter->listed > 0)
            memcpy(list + counts->listed, counter->list, (size_t)counter->listed * sizeof *list);
        counts->listed += counter->listed;
    }
    if (comm_size(scores_comm(counts->scores)) > 1 && gather_lists(counts, before, err) != 0)
        return -1;
    return sort_keys(counts->list, counts->listed, err);
}

/* Counts become sums of the counts before them, within each cell wanted since the last walk. */
static void sum_places(Counts *counts)
{
    for (int i = counts->counted; i < counts->wanted; i++) {
        int32_t cell = counts->cell[i];
        if (counts->look[cell].place == COUNT_LISTED)
            continue;
        int64_t *table = counts->table + (counts->look[cell].place - 1), sum = 0;
        int64_t places = floats_of(cell);
        for (int64_t place = 0; place < places; place++) {
            int64_t count = table[place];
            table[place] = sum;
            sum += count;
        }
    }
}

/* The same over all cells. Each impostor also loses to all genuine scores behind those it was
 * compared with. Where it was compared with some of the COUNT_NEAR keys behind the last genuine
 * score, which it lost to, the difference is negative and takes these wins back. */
static void sum_cells(Counts *counts)
{
    int64_t sum = 0, genuine = scores_genuine(counts->scores);
    for (int32_t cell = 0; cell < CELLS; cell++) {
        const CellLook *at = &counts->look[cell];
        int64_t count = counts->below[cell];
        int64_t compared = special_first(at) ? count_compared(at) : at->begin;
        counts->wins += (Wins)2 * (Wins)count * (Wins)(genuine - compared);
        counts->below[cell] = sum;
        sum += count;
    }
    counts->below[CELLS] = sum;
}

static void count_scores(void *arg, int worker, const float *score, int64_t n, bool genuine)
{
    Counts *counts = arg;
    (void)genuine;
    cell_counter_add(&counts->counter[worker], score, n);
}

static int walk(Counts *counts, Pool *pool, Err *err)
{
    /* twice what is expected; after a walk it is known */
    Counting shared = {.look = counts->look,
                       .genuine = counts->genuine,
                       .most = counts->walked ? INT64_MAX / 4 : (int64_t)(2 * counts->most) + 65536,
                       .table = counts->table,
                       .below = counts->walked ? NULL : counts->below};
    int workers = pool_threads(pool);
    int rc = counters_new(counts, &shared, workers, err);
    pthread_mutex_init(&shared.lock, NULL);
    if (rc == 0)
        rc = scores_walk_keeping(counts->scores, counts->walked ? INFINITY : counts->keep_from,
                                 pool, count_scores, counts, err);
    Wins wins = 0;
    for (int i = 0; rc == 0 && i < workers; i++) {
        cell_counter_finish(&counts->counter[i]);
        wins += counts->walked ? 0 : counts->counter[i].wins;
    }
    if (rc == 0)
        add_processes(counts, wins);
    if (rc == 0 && !counts->walked)
        sum_cells(counts);
    if (rc == 0)
        rc = join_lists(counts, workers, err);
    counters_free(counts, workers);
    pthread_mutex_destroy(&shared.lock);
    return rc;
}

int counts_walk(Counts *counts, Pool *pool, Err *err)
{
    if (grow_table(counts, err) != 0 || walk(counts, pool, err) != 0)
        return -1;
    sum_places(counts);
    counts->counted = counts->wanted;
    counts->table_counted = counts->places;
    counts->walked = true;
    return 0;
}

int64_t counts_genuine(const Counts *counts)
{
    return scores_genuine(counts->scores);
}

int64_t counts_impostor(const Counts *counts)
{
    return scores_impostor(counts->scores);
}

const Scores *counts_scores(const Counts *counts)
{
    return counts->scores;
}

int64_t counts_cells_below(const Counts *counts, int32_t cell)
{
    return counts->below[cell];
}

int64_t counts_impostors_below(const Counts *counts, int32_t cell, uint64_t key)
{
    uint64_t first = cell_key(cell);
    uint32_t place = counts->look[cell].place;
    if (key == first || counts->below[cell + 1] == counts->below[cell])
        return counts->below[cell];
    if (key == cell_key(cell + 1))
        return counts->below[cell + 1];
    if (place != COUNT_LISTED)
        return counts->below[cell] + counts->table[place - 1 + (key - first)];
    return counts->below[cell] + score_keys_less(counts->list, counts->listed, (uint32_t)key) -
           score_keys_less(counts->list, counts->listed, (uint32_t)first);
}

uint32_t counts_genuine_key(const Counts *counts, int64_t place)
{
    return counts->genuine[place];
}

int64_t counts_genuine_below(const Counts *counts, uint64_t key)
{
    int64_t n = scores_genuine(counts->scores);
    return key > UINT32_MAX ? n : score_keys_less(counts->genuine, n, (uint32_t)key);
}

double counts_area(const Counts *counts)
{
    double genuine = (double)scores_genuine(counts->scores);
    double impostor = (double)scores_impostor(counts->scores);
    if (genuine == 0 || impostor == 0)
        return NAN;
    return (double)counts->wins / (2 * genuine * impostor);
}
