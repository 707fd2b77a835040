#include "eval/tally.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/num.h"
#include "base/real.h"
#include "eval/key.h"

enum {
    BINS = 1 << TALLY_BIN_BITS,
    PLACES = 1 << TALLY_PLACE_BITS,
    KEYS = 512,       /* scores turned into keys at a time */
    CELLS = 1 << 18,  /* equal steps of the score over [-1,1] */
    FEW = 4,          /* genuine scores in a cell compared without a search */
    PENDING = 1 << 15 /* places a worker notes before it counts them */
};

/* Twice a number of pairs (genuine, impostor), which overflows 64 bits for large sets. */
typedef unsigned __int128 Wins;

typedef struct Worker {
    int64_t *bin; /* [BINS], impostors seen by this worker */
    Wins wins;    /* second walk */
    int pending;
    uint32_t place[PENDING]; /* slot * PLACES + place */
} Worker;

struct Tally {
    const Scores *scores;
    uint32_t *genuine; /* sorted keys, FEW more than there are */
    _Atomic int64_t genuine_seen;
    int64_t *impostor_below; /* [BINS + 1], impostors in lower bins */
    uint32_t *cell;          /* [CELLS + 1], genuine scores in lower cells */
    int32_t *slot;           /* [BINS], which table counts the keys of a bin; -1: none */
    int64_t *table;          /* [slots,PLACES], counts, then impostors in lower places */
    int32_t slots;
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

static void count_bins(void *arg, int worker, const float *score, int64_t n, bool genuine)
{
    Tally *tally = arg;
    if (genuine) {
        make_keys(tally->genuine + atomic_fetch_add(&tally->genuine_seen, n), score, n);
        return;
    }
    int64_t *bin = tally->worker[worker].bin;
    uint32_t key[KEYS];
    for (int64_t begin = 0; begin < n; begin += KEYS) {
        int64_t m = shorter(n - begin, KEYS);
        make_keys(key, score + begin, m);
        for (int64_t i = 0; i < m; i++)
            bin[key[i] >> TALLY_PLACE_BITS]++;
    }
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

/* Twice the number of the sorted genuine[n] above this impostor, plus the number equal to it. */
static int64_t wins_searched(uint32_t impostor, const uint32_t *genuine, int64_t n)
{
    int64_t less = keys_less(genuine, n, impostor);
    int64_t equal = 0;
    if (less < n && genuine[less] == impostor)
        equal = keys_less(genuine + less, n - less, impostor + 1);
    return 2 * (n - less - equal) + equal;
}

/* The same; most cells hold few, and then it is done without a branch to guess. */
static inline int64_t wins_over(uint32_t impostor, const uint32_t *genuine, int64_t n)
{
    if (n > FEW)
        return wins_searched(impostor, genuine, n);
    int wins = 0;
    for (int j = 0; j < FEW; j++)
        wins += (j < n) * ((genuine[j] > impostor) + (genuine[j] >= impostor));
    return wins;
}

static int64_t count_wins(const Tally *tally, const uint32_t *key, const float *score, int64_t n)
{
    int32_t cell[KEYS];
    int64_t wins = 0, genuine = scores_genuine(tally->scores);
    make_cells(cell, score, n);
    for (int64_t i = 0; i < n; i++) {
        uint32_t low = tally->cell[cell[i]], high = tally->cell[cell[i] + 1];
        wins += 2 * (genuine - high) + wins_over(key[i], tally->genuine + low, high - low);
    }
    return wins;
}

static void note_places(const Tally *tally, Worker *worker, const uint32_t *key, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        int32_t slot = tally->slot[key[i] >> TALLY_PLACE_BITS];
        if (slot >= 0)
            worker->place[worker->pending++] =
                (uint32_t)slot << TALLY_PLACE_BITS | (key[i] & (PLACES - 1));
    }
}

static void count_keys(void *arg, int index, const float *score, int64_t n, bool genuine)
{
    Tally *tally = arg;
    Worker *worker = &tally->worker[index];
    uint32_t key[KEYS];
    if (genuine)
        return;
    for (int64_t begin = 0; begin < n; begin += KEYS) {
        int64_t m = shorter(n - begin, KEYS);
        make_keys(key, score + begin, m);
        worker->wins += (Wins)count_wins(tally, key, score + begin, m);
        if (worker->pending > PENDING - KEYS)
            count_pending(tally, worker);
        note_places(tally, worker, key, m);
    }
}

static int workers_new(Tally *tally, int n, bool bins, Err *err)
{
    tally->worker = calloc((size_t)n, sizeof *tally->worker);
    bool got = tally->worker != NULL;
    for (int i = 0; got && bins && i < n; i++) {
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
        tally->slot[bin] = -1;
    }
}

static void sum_cells(Tally *tally, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        float score = key_score(tally->genuine[i]);
        int32_t cell;
        make_cells(&cell, &score, 1);
        tally->cell[cell + 1]++;
    }
    for (int64_t cell = 0; cell < CELLS; cell++)
        tally->cell[cell + 1] += tally->cell[cell];
}

Tally *tally_new(const Scores *scores, Pool *pool, Err *err)
{
    int64_t n = scores_genuine(scores);
    int workers = pool_threads(pool);
    Tally *tally = calloc(1, sizeof *tally);
    if (tally == NULL) {
        err_memory(err, "counts", sizeof *tally);
        return NULL;
    }
    pthread_mutex_init(&tally->lock, NULL);
    tally->scores = scores;
    tally->genuine = calloc((size_t)n + FEW, sizeof *tally->genuine);
    tally->impostor_below = calloc(BINS + 1, sizeof(int64_t));
    tally->cell = calloc(CELLS + 1, sizeof(uint32_t));
    tally->slot = malloc(BINS * sizeof(int32_t));
    int rc = 0;
    if (tally->genuine == NULL || tally->impostor_below == NULL || tally->cell == NULL ||
        tally->slot == NULL)
        rc = err_memory(err, "counts and genuine scores", ((size_t)n + 5 * BINS) * 4);
    if (rc == 0)
        rc = workers_new(tally, workers, true, err);
    if (rc == 0)
        rc = scores_walk(scores, pool, count_bins, tally, err);
    if (rc == 0)
        rc = sort_genuine(tally, n, err);
    if (rc == 0) {
        sum_bins(tally, workers);
        sum_cells(tally, n);
    }
    workers_free(tally, workers);
    if (rc == 0)
        return tally;
    tally_free(tally);
    return NULL;
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

int tally_refine(Tally *tally, Pool *pool, Err *err)
{
    int workers = pool_threads(pool);
    tally->table = calloc((size_t)tally->slots + 1, PLACES * sizeof(int64_t));
    if (tally->table == NULL)
        return err_memory(err, "counts", (size_t)tally->slots * PLACES * sizeof(int64_t));
    int rc = workers_new(tally, workers, false, err);
    if (rc == 0)
        rc = scores_walk(tally->scores, pool, count_keys, tally, err);
    for (int i = 0; rc == 0 && i < workers; i++) {
        count_pending(tally, &tally->worker[i]);
        tally->wins += tally->worker[i].wins;
    }
    workers_free(tally, workers);
    for (int64_t slot = 0; slot < tally->slots; slot++)
        sum_places(tally->table + slot * PLACES);
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

double tally_area(const Tally *tally)
{
    double genuine = (double)scores_genuine(tally->scores);
    double impostor = (double)scores_impostor(tally->scores);
    if (genuine == 0 || impostor == 0)
        return NAN;
    return (double)tally->wins / (2 * genuine * impostor);
}
