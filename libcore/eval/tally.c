#include "eval/tally.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/real.h"
#include "eval/key.h"

enum {
    BINS = 1 << TALLY_BIN_BITS,
    PLACES = 1 << TALLY_PLACE_BITS,
    KEYS = 512,       /* scores turned into keys at a time */
    CELLS = 1 << 20,  /* equal steps of the score over [-1,1] */
    PENDING = 1 << 15 /* places a worker notes before it counts them */
};

/* Twice a number of pairs (genuine, impostor), which overflows 64 bits for large sets. */
typedef unsigned __int128 Wins;

/* The genuine scores of a cell and above it, for an impostor in the cell. */
typedef struct Cell {
    uint32_t above; /* genuine scores in higher cells; with CROWDED */
    uint32_t key;   /* the one in this cell, 0 for none; if CROWDED, where the cell's begin */
} Cell;

#define CROWDED 0x80000000u /* several genuine scores in the cell */

typedef struct Worker {
    int64_t *bin; /* [BINS], impostors seen by this worker */
    Wins wins;
    int pending;
    uint32_t place[PENDING + KEYS]; /* slot * PLACES + place */
} Worker;

struct Tally {
    const Scores *scores;
    uint32_t *genuine; /* sorted keys */
    _Atomic int64_t genuine_seen;
    int64_t *impostor_below; /* [BINS + 1], impostors in lower bins */
    Cell *cell;              /* [CELLS] */
    int32_t *slot;           /* [BINS], which table counts the places of a bin; -1: none */
    int64_t *table;          /* [slots,PLACES], counts, then impostors in lower places */
    int32_t slots, counted;  /* tables marked, and those that a walk has filled */
    bool walked;
    pthread_mutex_t lock; /* of table, while walking */
    Wins wins;
    Worker *worker; /* while walking */
};

static inline int64_t shorter(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

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

static void count_pending(Tally *tally, Worker *worker)
{
    pthread_mutex_lock(&tally->lock);
    for (int i = 0; i < worker->pending; i++)
        tally->table[worker->place[i]]++;
    pthread_mutex_unlock(&tally->lock);
    worker->pending = 0;
}

/* The cell of a score: as monotone as the score's key, but of even width, so that few genuine
 * scores share one. Scores outside [-1,1] are in the first and last cell. */
CLONES
static void make_cells(int32_t *cell, const float *score, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        float at = (score[i] + 1) * (CELLS / 2);
        at = at > 0 ? at : 0;
        cell[i] = (int32_t)(at < CELLS - 1 ? at : CELLS - 1);
    }
}

/* Twice the number of genuine scores above the impostors, plus the number equal to one, where a
 * cell holds one at most. above[n] = what the impostors' cells say. */
CLONES
static int64_t count_cells(uint32_t *above, const Cell *cells, const int32_t *cell,
                           const uint32_t *key, int64_t n)
{
    int64_t higher = 0;
    int32_t within = 0;
    for (int64_t i = 0; i < n; i++) {
        const Cell *at = &cells[cell[i]];
        uint32_t alone = at->above & CROWDED ? 0 : at->key;
        above[i] = at->above;
        higher += at->above & ~CROWDED;
        within += (alone > key[i]) + (alone >= key[i]);
    }
    return 2 * higher + within;
}

/* The same for an impostor within a crowded cell, whose genuine scores begin at genuine[0] and lie
 * below genuine[end]. */
static int64_t count_crowd(uint32_t key, const uint32_t *genuine, int64_t end)
{
    int64_t less = keys_less(genuine, end, key), equal = 0;
    while (less + equal < end && genuine[less + equal] == key)
        equal++;
    return 2 * (end - less - equal) + equal;
}

static void count_wins(const Tally *tally, Worker *worker, const uint32_t *key, const float *score,
                       int64_t n)
{
    int32_t cell[KEYS], crowded[KEYS];
    uint32_t above[KEYS];
    int64_t genuine = scores_genuine(tally->scores), crowds = 0;
    make_cells(cell, score, n);
    int64_t wins = count_cells(above, tally->cell, cell, key, n);
    for (int i = 0; i < n; i++) {
        crowded[crowds] = i;
        crowds += above[i] >> 31;
    }
    for (int64_t j = 0; j < crowds; j++) {
        const Cell *at = &tally->cell[cell[crowded[j]]];
        int64_t end = genuine - (int64_t)(at->above & ~CROWDED);
        wins += count_crowd(key[crowded[j]], tally->genuine + at->key, end - at->key);
    }
    worker->wins += (Wins)wins;
}

static void note_places(const Tally *tally, Worker *worker, const uint32_t *key, int64_t n)
{
    int pending = worker->pending;
    for (int64_t i = 0; i < n; i++) {
        int32_t slot = tally->slot[key[i] >> TALLY_PLACE_BITS];
        worker->place[pending] = (uint32_t)slot << TALLY_PLACE_BITS | (key[i] & (PLACES - 1));
        pending += slot >= tally->counted;
    }
    worker->pending = pending;
}

static void count_keys(void *arg, int index, const float *score, int64_t n, bool genuine)
{
    Tally *tally = arg;
    Worker *worker = &tally->worker[index];
    uint32_t key[KEYS];
    (void)genuine;
    for (int64_t begin = 0; begin < n; begin += KEYS) {
        int64_t m = shorter(n - begin, KEYS);
        make_keys(key, score + begin, m);
        if (!tally->walked) {
            for (int64_t i = 0; i < m; i++)
                worker->bin[key[i] >> TALLY_PLACE_BITS]++;
            count_wins(tally, worker, key, score + begin, m);
        }
        if (worker->pending >= PENDING)
            count_pending(tally, worker);
        note_places(tally, worker, key, m);
    }
}

static int workers_new(Tally *tally, int n, Err *err)
{
    tally->worker = calloc((size_t)n, sizeof *tally->worker);
    bool got = tally->worker != NULL;
    for (int i = 0; got && i < n; i++) {
        tally->worker[i].bin = calloc(BINS, sizeof(int64_t));
        got = tally->worker[i].bin != NULL;
    }
    return got ? 0 : err_memory(err, "counts", (size_t)n * BINS * sizeof(int64_t));
}

static void workers_free(Tally *tally, int n)
{
    for (int i = 0; tally->worker != NULL && i < n; i++)
        free(tally->worker[i].bin);
    free(tally->worker);
    tally->worker = NULL;
}

static int sort_genuine(Tally *tally, int64_t n, Err *err)
{
    uint32_t *scratch = malloc(((size_t)n + 1) * sizeof *scratch);
    if (scratch == NULL)
        return err_memory(err, "sorting the genuine scores", (size_t)n * sizeof *scratch);
    keys_sort(tally->genuine, scratch, n);
    free(scratch);
    return 0;
}

static void sum_bins(Tally *tally, int workers)
{
    for (int64_t bin = 0; bin < BINS; bin++) {
        int64_t impostors = 0;
        for (int i = 0; i < workers; i++)
            impostors += tally->worker[i].bin[bin];
        tally->impostor_below[bin + 1] = tally->impostor_below[bin] + impostors;
    }
}

static void fill_cells(Tally *tally, int64_t n)
{
    for (int64_t cell = 0, at = 0; cell < CELLS; cell++) {
        int64_t begin = at;
        for (; at < n; at++) {
            float score = key_score(tally->genuine[at]);
            int32_t of;
            make_cells(&of, &score, 1);
            if (of != cell)
                break;
        }
        bool crowded = at - begin > 1;
        uint32_t alone = at > begin ? tally->genuine[begin] : 0;
        tally->cell[cell] =
            (Cell){(uint32_t)(n - at) | (crowded ? CROWDED : 0), crowded ? (uint32_t)begin : alone};
    }
}

static int allocate(Tally *tally, int64_t n, Err *err)
{
    if (n >= (int64_t)CROWDED)
        return err_set(err, "%lld genuine pairs are more than can be counted", (long long)n);
    tally->genuine = malloc(((size_t)n + 1) * sizeof *tally->genuine);
    tally->impostor_below = calloc(BINS + 1, sizeof(int64_t));
    tally->cell = malloc(CELLS * sizeof *tally->cell);
    tally->slot = malloc(BINS * sizeof(int32_t));
    if (tally->genuine == NULL || tally->impostor_below == NULL || tally->cell == NULL ||
        tally->slot == NULL)
        return err_memory(err, "counts and genuine scores", ((size_t)n + 5 * BINS) * 4);
    for (int64_t bin = 0; bin < BINS; bin++)
        tally->slot[bin] = -1;
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
    pthread_mutex_init(&tally->lock, NULL);
    tally->scores = scores;
    if (allocate(tally, n, err) != 0 ||
        scores_walk(scores, SCORES_GENUINE, pool, keep_genuine, tally, err) != 0 ||
        sort_genuine(tally, n, err) != 0) {
        tally_free(tally);
        return NULL;
    }
    fill_cells(tally, n);
    return tally;
}

void tally_free(Tally *tally)
{
    if (tally == NULL)
        return;
    pthread_mutex_destroy(&tally->lock);
    free(tally->genuine);
    free(tally->impostor_below);
    free(tally->cell);
    free(tally->slot);
    free(tally->table);
    free(tally);
}

void tally_mark(Tally *tally, uint32_t bin)
{
    if (tally->slot[bin] < 0)
        tally->slot[bin] = tally->slots++;
}

/* Counts become sums of the counts before them. */
static void sum_places(int64_t *table)
{
    int64_t sum = 0;
    for (int place = 0; place < PLACES; place++) {
        int64_t count = table[place];
        table[place] = sum;
        sum += count;
    }
}

bool tally_wanting(const Tally *tally)
{
    return tally->slots > tally->counted;
}

/* Room for the places of the bins marked since the last walk. */
static int grow_table(Tally *tally, Err *err)
{
    size_t bytes = (size_t)tally->slots * PLACES * sizeof(int64_t);
    int64_t *table = realloc(tally->table, bytes + 1);
    if (table == NULL)
        return err_memory(err, "counts", bytes);
    tally->table = table;
    memset(table + (int64_t)tally->counted * PLACES, 0,
           (size_t)(tally->slots - tally->counted) * PLACES * sizeof(int64_t));
    return 0;
}

int tally_count(Tally *tally, Pool *pool, Err *err)
{
    int workers = pool_threads(pool);
    int rc = grow_table(tally, err) != 0 ? -1 : workers_new(tally, workers, err);
    if (rc == 0)
        rc = scores_walk(tally->scores, SCORES_IMPOSTOR, pool, count_keys, tally, err);
    for (int i = 0; rc == 0 && i < workers; i++) {
        count_pending(tally, &tally->worker[i]);
        tally->wins += tally->worker[i].wins;
    }
    if (rc == 0 && !tally->walked)
        sum_bins(tally, workers);
    workers_free(tally, workers);
    for (int64_t slot = tally->counted; rc == 0 && slot < tally->slots; slot++)
        sum_places(tally->table + slot * PLACES);
    if (rc == 0) {
        tally->counted = tally->slots;
        tally->walked = true;
    }
    return rc;
}

int64_t tally_impostors_below(const Tally *tally, uint64_t key)
{
    uint64_t bin = key >> TALLY_PLACE_BITS, place = key & (PLACES - 1);
    int64_t below = tally->impostor_below[bin];
    if (place != 0)
        below += tally->table[(int64_t)tally->slot[bin] * PLACES + (int64_t)place];
    return below;
}

int64_t tally_genuine_below(const Tally *tally, uint64_t key)
{
    int64_t n = scores_genuine(tally->scores);
    return key > UINT32_MAX ? n : keys_less(tally->genuine, n, (uint32_t)key);
}

const uint32_t *tally_genuine(const Tally *tally)
{
    return tally->genuine;
}

double tally_area(const Tally *tally)
{
    double genuine = (double)scores_genuine(tally->scores);
    double impostor = (double)scores_impostor(tally->scores);
    if (genuine == 0 || impostor == 0)
        return NAN;
    return (double)tally->wins / (2 * genuine * impostor);
}
