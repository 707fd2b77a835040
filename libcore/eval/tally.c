#include "eval/tally.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/real.h"
#include "eval/cell.h"
#include "eval/count.h"

struct Tally {
    const Scores *scores;
    uint32_t *genuine; /* sorted keys, and COUNT_NEAR that are above them all */
    _Atomic int64_t genuine_seen;
    int64_t *below; /* [CELLS + 1], impostors in lower cells; while walking, those of each cell */
    CellLook *look; /* [CELLS + 1] */
    int32_t *mark;  /* [marks], the marked cells */
    int marks, marks_room;
    int counted;    /* marks that a walk has followed */
    int64_t *table; /* [places], counts, then impostors in lower places of the cell */
    int64_t places, table_counted; /* of all marked cells, of those a walk has followed */
    uint32_t *list;                /* [listed], sorted keys of the impostors in listed cells */
    int64_t listed;
    double most; /* impostors that the marks make one expect in listed cells */
    bool lost;   /* a mark, for want of memory */
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
    Tally *tally = arg;
    (void)worker;
    (void)genuine;
    make_keys(tally->genuine + atomic_fetch_add(&tally->genuine_seen, n), score, n);
}

static int sort_keys(uint32_t *key, int64_t n, Err *err)
{
    uint32_t *scratch = malloc(((size_t)n + 1) * sizeof *scratch);
    if (scratch == NULL)
        return err_memory(err, "sorting scores", (size_t)n * sizeof *scratch);
    keys_sort(key, scratch, n);
    free(scratch);
    return 0;
}

/* Where the genuine scores of each cell begin. */
static void find_genuine(Tally *tally, int64_t n)
{
    int32_t cell = 0;
    for (int64_t i = 0; i < n; i++)
        for (int32_t of = cell_of(key_score(tally->genuine[i])); cell <= of; cell++)
            tally->look[cell].begin = (uint32_t)i;
    for (; cell <= CELLS; cell++)
        tally->look[cell].begin = (uint32_t)n;
}

static int allocate(Tally *tally, int64_t n, Err *err)
{
    if (n >= (int64_t)UINT32_MAX)
        return err_set(err, "%lld genuine pairs are more than can be counted", (long long)n);
    tally->genuine = malloc(((size_t)n + COUNT_NEAR) * sizeof *tally->genuine);
    tally->below = calloc(CELLS + 1, sizeof *tally->below);
    tally->look = calloc(CELLS + 1, sizeof *tally->look);
    if (!tally->genuine || !tally->below || !tally->look)
        return err_memory(err, "counts and genuine scores", ((size_t)n + 4 * CELLS) * 4);
    return 0;
}

Tally *tally_new(const Scores *scores, Pool *pool, Err *err)
{
    int64_t n = scores_genuine(scores);
    Tally *tally = calloc(1, sizeof *tally);
    if (tally == NULL) {
        err_memory(err, "counts", sizeof *tally);
        return NULL;
    }
    tally->scores = scores;
    if (allocate(tally, n, err) != 0 ||
        scores_walk(scores, SCORES_GENUINE, pool, keep_genuine, tally, err) != 0 ||
        sort_keys(tally->genuine, n, err) != 0) {
        tally_free(tally);
        return NULL;
    }
    memset(tally->genuine + n, 0xff, COUNT_NEAR * sizeof *tally->genuine);
    find_genuine(tally, n);
    return tally;
}

void tally_free(Tally *tally)
{
    if (tally == NULL)
        return;
    free(tally->genuine);
    free(tally->below);
    free(tally->look);
    free(tally->mark);
    free(tally->table);
    free(tally->list);
    free(tally);
}

static int64_t floats_of(int32_t cell)
{
    return (int64_t)(cell_key(cell + 1) - cell_key(cell));
}

void tally_mark(Tally *tally, int32_t cell, double expected)
{
    if (tally->look[cell].place != 0)
        return;
    if (tally->marks == tally->marks_room) {
        int room = 2 * tally->marks_room + 1024;
        int32_t *grown = realloc(tally->mark, (size_t)room * sizeof *grown);
        tally->lost = tally->lost || grown == NULL;
        if (grown == NULL)
            return;
        tally->mark = grown;
        tally->marks_room = room;
    }
    tally->mark[tally->marks++] = cell;
    if (expected < (double)floats_of(cell)) {
        tally->look[cell].place = COUNT_LISTED;
        tally->most += expected;
    } else {
        tally->look[cell].place = (uint32_t)tally->places + 1;
        tally->places += floats_of(cell);
    }
}

void tally_mark_known(Tally *tally, int32_t cell)
{
    tally_mark(tally, cell, (double)(tally->below[cell + 1] - tally->below[cell]));
}

/* One without impostors needs no counting. One marked just now has not been counted. */
bool tally_counted(const Tally *tally, int32_t cell)
{
    uint32_t place = tally->look[cell].place;
    if (tally->below[cell + 1] == tally->below[cell])
        return true;
    if (place == 0)
        return false;
    for (int i = tally->counted; i < tally->marks; i++)
        if (tally->mark[i] == cell)
            return false;
    return true;
}

bool tally_wanting(const Tally *tally)
{
    return tally->marks > tally->counted;
}

/* Room for the places of the cells marked since the last walk. */
static int grow_table(Tally *tally, Err *err)
{
    size_t bytes = (size_t)tally->places * sizeof(int64_t);
    if (tally->lost || tally->places >= (int64_t)COUNT_LISTED - 1)
        return err_memory(err, "counts", bytes);
    if (tally->places == tally->table_counted)
        return 0;
    int64_t *table = tally->table == NULL ? calloc(1, bytes) : realloc(tally->table, bytes);
    if (table == NULL)
        return err_memory(err, "counts", bytes);
    if (tally->table != NULL)
        memset(table + tally->table_counted, 0,
               (size_t)(tally->places - tally->table_counted) * sizeof *table);
    tally->table = table;
    return 0;
}

/* Special in the first walk: marked cells and those with genuine scores; later: marked ones. */
static bool special_first(const CellLook *cell)
{
    return cell[0].place != 0 || cell[1].begin > cell[0].begin;
}

static int counters_new(Tally *tally, Counting *shared, int n, Err *err)
{
    tally->counter = calloc((size_t)n, sizeof *tally->counter);
    if (tally->counter == NULL)
        return err_memory(err, "counts", (size_t)n * sizeof *tally->counter);
    for (int i = 0; i < n; i++) {
        if (counter_init(&tally->counter[i], shared, err) != 0)
            return -1;
        uint32_t *count = tally->counter[i].count;
        for (int32_t cell = 0; !tally->walked && cell < CELLS; cell++)
            count[cell] = special_first(&tally->look[cell]) ? COUNT_SPECIAL : 0;
        for (int k = tally->counted; k < tally->marks; k++)
            count[tally->mark[k]] = COUNT_SPECIAL;
    }
    return 0;
}

static void counters_free(Tally *tally, int n)
{
    for (int i = 0; tally->counter != NULL && i < n; i++)
        counter_release(&tally->counter[i]);
    free(tally->counter);
    tally->counter = NULL;
}

/* No cell is listed: the marks of those that were are taken back. */
static void unlist(Tally *tally)
{
    int marks = 0;
    for (int i = 0; i < tally->marks; i++) {
        int32_t cell = tally->mark[i];
        if (tally->look[cell].place == COUNT_LISTED)
            tally->look[cell].place = 0;
        else
            tally->mark[marks++] = cell;
    }
    tally->marks = marks;
    tally->listed = 0;
}

/* The workers' lists behind what is listed already, sorted. */
static int join_lists(Tally *tally, int workers, Err *err)
{
    int64_t n = tally->listed;
    bool full = false;
    for (int i = 0; i < workers; i++) {
        n += tally->counter[i].listed;
        full = full || tally->counter[i].full;
    }
    if (full && tally->walked)
        return err_memory(err, "scores near the thresholds", (size_t)n * sizeof(uint32_t));
    if (full)
        unlist(tally);
    if (full || n == tally->listed)
        return 0;
    uint32_t *list = realloc(tally->list, (size_t)n * sizeof *list);
    if (list == NULL)
        return err_memory(err, "scores near the thresholds", (size_t)n * sizeof *list);
    tally->list = list;
    for (int i = 0; i < workers; i++) {
        const Counter *counter = &tally->counter[i];
        if (counter->listed > 0)
            memcpy(list + tally->listed, counter->list, (size_t)counter->listed * sizeof *list);
        tally->listed += counter->listed;
    }
    return sort_keys(list, n, err);
}

/* Counts become sums of the counts before them, within each cell marked since the last walk. */
static void sum_places(Tally *tally)
{
    for (int i = tally->counted; i < tally->marks; i++) {
        int32_t cell = tally->mark[i];
        if (tally->look[cell].place == COUNT_LISTED)
            continue;
        int64_t *table = tally->table + (tally->look[cell].place - 1), sum = 0;
        int64_t places = floats_of(cell);
        for (int64_t place = 0; place < places; place++) {
            int64_t count = table[place];
            table[place] = sum;
            sum += count;
        }
    }
}

/* The same over all cells. Each impostor also loses to the genuine scores it was not compared
 * with; the keys above them all, which count like others, are fewer than none. */
static void sum_cells(Tally *tally)
{
    int64_t sum = 0, genuine = scores_genuine(tally->scores);
    for (int32_t cell = 0; cell < CELLS; cell++) {
        const CellLook *at = &tally->look[cell];
        int64_t count = tally->below[cell];
        int64_t compared = special_first(at) ? count_compared(at) : at->begin;
        tally->wins += (Wins)2 * (Wins)count * (Wins)(genuine - compared);
        tally->below[cell] = sum;
        sum += count;
    }
    tally->below[CELLS] = sum;
}

static void count_scores(void *arg, int worker, const float *score, int64_t n, bool genuine)
{
    Tally *tally = arg;
    (void)genuine;
    counter_add(&tally->counter[worker], score, n);
}

static int walk(Tally *tally, Pool *pool, Err *err)
{
    /* twice what is expected; after a walk it is known */
    Counting shared = {.look = tally->look,
                       .genuine = tally->genuine,
                       .most = tally->walked ? INT64_MAX / 4 : (int64_t)(2 * tally->most) + 65536,
                       .table = tally->table,
                       .below = tally->walked ? NULL : tally->below};
    int workers = pool_threads(pool);
    int rc = counters_new(tally, &shared, workers, err);
    pthread_mutex_init(&shared.lock, NULL);
    if (rc == 0)
        rc = scores_walk(tally->scores, SCORES_IMPOSTOR, pool, count_scores, tally, err);
    for (int i = 0; rc == 0 && i < workers; i++) {
        counter_finish(&tally->counter[i]);
        if (!tally->walked)
            tally->wins += tally->counter[i].wins;
    }
    if (rc == 0 && !tally->walked)
        sum_cells(tally);
    if (rc == 0)
        rc = join_lists(tally, workers, err);
    counters_free(tally, workers);
    pthread_mutex_destroy(&shared.lock);
    return rc;
}

int tally_count(Tally *tally, Pool *pool, Err *err)
{
    if (grow_table(tally, err) != 0 || walk(tally, pool, err) != 0)
        return -1;
    sum_places(tally);
    tally->counted = tally->marks;
    tally->table_counted = tally->places;
    tally->walked = true;
    return 0;
}

int64_t tally_cells_below(const Tally *tally, int32_t cell)
{
    return tally->below[cell];
}

int64_t tally_impostors_below(const Tally *tally, int32_t cell, uint64_t key)
{
    uint64_t first = cell_key(cell);
    uint32_t place = tally->look[cell].place;
    if (key == first || tally->below[cell + 1] == tally->below[cell])
        return tally->below[cell];
    if (key == cell_key(cell + 1))
        return tally->below[cell + 1];
    if (place != COUNT_LISTED)
        return tally->below[cell] + tally->table[place - 1 + (key - first)];
    return tally->below[cell] + keys_less(tally->list, tally->listed, (uint32_t)key) -
           keys_less(tally->list, tally->listed, (uint32_t)first);
}

uint32_t tally_genuine_key(const Tally *tally, int64_t place)
{
    return tally->genuine[place];
}

int64_t tally_genuine_below(const Tally *tally, uint64_t key)
{
    int64_t n = scores_genuine(tally->scores);
    return key > UINT32_MAX ? n : keys_less(tally->genuine, n, (uint32_t)key);
}

double tally_area(const Tally *tally)
{
    double genuine = (double)scores_genuine(tally->scores);
    double impostor = (double)scores_impostor(tally->scores);
    if (genuine == 0 || impostor == 0)
        return NAN;
    return (double)tally->wins / (2 * genuine * impostor);
}
