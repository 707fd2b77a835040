#include "scores/resampled_counts_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/num_internal.h"
#include "base/real_internal.h"
#include "base/sort_internal.h"
#include "scores/score_key_internal.h"

enum {
    SLOTS = 1 << 16,     /* of the table by which bins are found, over the cosines */
    MOST_BINS = 1 << 11, /* after cutting */
    CHUNK = 512,
};

typedef struct Worker {
    uint32_t *count; /* [bins,lanes], since it was last gathered */
    int64_t counted;
} Worker;

typedef struct Walk {
    ResampledCounts *counts;
    const bool *wanted; /* collecting: these bins */
    int32_t *slot;      /* [SLOTS + 1], the first bin that ends behind the slot's least key */
    Worker *worker;
    int64_t most; /* impostors that a worker may count before its counts could overflow */
    pthread_mutex_t lock;
    int64_t collected, room;
    bool lost;
} Walk;

/* Finding bins ------------------------------------------------------------------------------- */

static inline int32_t slot_of(float score)
{
    float place = (score + 1) * (SLOTS / 2);
    return place <= 0 ? 0 : place >= SLOTS - 1 ? SLOTS - 1 : (int32_t)place;
}

static int find_slots(Walk *walk, Err *err)
{
    const ResampledCounts *counts = walk->counts;
    walk->slot = malloc((SLOTS + 1) * sizeof *walk->slot);
    if (walk->slot == NULL)
        return err_memory(err, "bins", SLOTS * sizeof *walk->slot);
    int bin = 0;
    for (int32_t slot = 0; slot < SLOTS; slot++) {
        /* The slot of a float is found with rounding: all that is counted here is above the slot
         * before. */
        float least = (float)(slot - 1) / (SLOTS / 2) - 1;
        while (slot > 0 && bin < counts->bins && counts->end[bin] <= score_key(least))
            bin++;
        walk->slot[slot] = bin;
    }
    walk->slot[SLOTS] = counts->bins;
    return 0;
}

/* The bin of a key, or -1. */
static inline int32_t bin_of(const Walk *walk, float score, uint32_t key)
{
    const ResampledCounts *counts = walk->counts;
    int32_t slot = slot_of(score), low = walk->slot[slot];
    int32_t high = slot + 2 <= SLOTS ? walk->slot[slot + 2] : counts->bins;
    while (low < high) { /* the first that ends behind the key */
        int32_t middle = (low + high) / 2;
        if (counts->end[middle] <= key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < counts->bins && counts->begin[low] <= key ? low : -1;
}

/* Counting ----------------------------------------------------------------------------------- */

CLONES
static void add_weights(uint32_t *count, const uint8_t *weight, int64_t lanes, int32_t a,
                        const int32_t *b, const int32_t *bin, int64_t n)
{
    const uint8_t *x = weight + a * lanes;
    for (int64_t i = 0; i < n; i++) {
        const uint8_t *y = weight + b[i] * lanes;
        uint32_t *to = count + bin[i] * lanes;
        for (int64_t r = 0; r < lanes; r++)
            to[r] += (uint32_t)x[r] * y[r];
    }
}

/* Adds a worker's counts to those of all. */
static void gather(Walk *walk, Worker *worker)
{
    ResampledCounts *counts = walk->counts;
    int64_t n = (int64_t)counts->bins * counts->resample->lanes;
    pthread_mutex_lock(&walk->lock);
    for (int64_t i = 0; i < n; i++)
        counts->count[i] += worker->count[i];
    pthread_mutex_unlock(&walk->lock);
    memset(worker->count, 0, (size_t)n * sizeof *worker->count);
    worker->counted = 0;
}

static void count_impostors(void *arg, int index, int32_t a, const int32_t *b, const float *score,
                            int64_t n, bool genuine)
{
    Walk *walk = arg;
    Worker *worker = &walk->worker[index];
    const Resample *resample = walk->counts->resample;
    (void)genuine;
    for (int64_t begin = 0; begin < n; begin += CHUNK) {
        int32_t bin[CHUNK], other[CHUNK];
        int64_t m = 0, end = begin + CHUNK < n ? begin + CHUNK : n;
        for (int64_t i = begin; i < end; i++) {
            other[m] = b[i];
            bin[m] = bin_of(walk, score[i], score_key(score[i]));
            m += bin[m] >= 0;
        }
        if (worker->counted + m > walk->most)
            gather(walk, worker);
        add_weights(worker->count, resample->weight, resample->lanes, a, other, bin, m);
        worker->counted += m;
    }
}

static int64_t overflow_after(const Resample *resample)
{
    int64_t largest = 1, n = (int64_t)resample->identities * resample->lanes;
    for (int64_t i = 0; i < n; i++)
        largest = resample->weight[i] > largest ? resample->weight[i] : largest;
    return (int64_t)UINT32_MAX / (largest * largest);
}

/* The weights above each bin, from those above the bins they are parts of. */
static void sum_up(ResampledCounts *counts, const uint64_t *above_parent, const int *parent)
{
    int64_t lanes = counts->resample->lanes;
    for (int bin = counts->bins - 1; bin >= 0; bin--) {
        bool last = bin == counts->bins - 1 || parent[bin] != parent[bin + 1];
        for (int64_t r = 0; r < lanes; r++)
            counts->above[bin * lanes + r] =
                last ? above_parent[parent[bin] * lanes + r]
                     : counts->above[(bin + 1) * lanes + r] + counts->count[(bin + 1) * lanes + r];
    }
}

static int count(ResampledCounts *counts, Err *err)
{
    int workers = pool_threads(counts->pool);
    size_t n = (size_t)counts->bins * (size_t)counts->resample->lanes;
    Walk walk = {.counts = counts, .most = overflow_after(counts->resample)};
    walk.worker = calloc((size_t)workers, sizeof *walk.worker);
    int rc = walk.worker != NULL ? find_slots(&walk, err) : err_memory(err, "counts", n * 4);
    for (int i = 0; rc == 0 && i < workers; i++)
        if ((walk.worker[i].count = calloc(n, sizeof(uint32_t))) == NULL)
            rc = err_memory(err, "counts", n * sizeof(uint32_t));
    pthread_mutex_init(&walk.lock, NULL);
    if (rc == 0)
        rc = identity_pairs_walk(counts->pairs, SCORES_IMPOSTOR, counts->pool, count_impostors,
                                 &walk, err);
    for (int i = 0; walk.worker != NULL && i < workers; i++) {
        if (rc == 0)
            gather(&walk, &walk.worker[i]);
        free(walk.worker[i].count);
    }
    pthread_mutex_destroy(&walk.lock);
    free(walk.worker);
    free(walk.slot);
    return rc;
}

/* Bins --------------------------------------------------------------------------------------- */

static void forget_bins(ResampledCounts *counts)
{
    free(counts->begin);
    free(counts->end);
    free(counts->count);
    free(counts->above);
    counts->begin = counts->end = counts->count = counts->above = NULL;
}

static int make_bins(ResampledCounts *counts, int bins, Err *err)
{
    size_t n = (size_t)bins + 1, lanes = (size_t)counts->resample->lanes;
    counts->bins = 0;
    counts->begin = malloc(n * sizeof *counts->begin);
    counts->end = malloc(n * sizeof *counts->end);
    counts->count = calloc(n * lanes, sizeof *counts->count);
    counts->above = calloc(n * lanes, sizeof *counts->above);
    if (!counts->begin || !counts->end || !counts->count || !counts->above)
        return err_memory(err, "bins", n * lanes * 16);
    return 0;
}

int resampled_counts_init(ResampledCounts *counts, const IdentityPairs *pairs,
                          const Resample *resample, const uint64_t *edge, int edges, Pool *pool,
                          Err *err)
{
    *counts = (ResampledCounts){.pairs = pairs, .resample = resample, .pool = pool};
    uint64_t *nothing = calloc((size_t)resample->lanes, sizeof *nothing);
    int *parent = calloc((size_t)edges + 1, sizeof *parent);
    int rc = nothing && parent ? make_bins(counts, edges, err) : err_memory(err, "bins", 0);
    for (; rc == 0 && counts->bins < edges - 1; counts->bins++) {
        counts->begin[counts->bins] = edge[counts->bins];
        counts->end[counts->bins] = edge[counts->bins + 1];
    }
    if (rc == 0)
        rc = count(counts, err);
    if (rc == 0)
        sum_up(counts, nothing, parent);
    free(nothing);
    free(parent);
    return rc;
}

void resampled_counts_release(ResampledCounts *counts)
{
    forget_bins(counts);
    free(counts->impostor);
    free(counts->first);
    *counts = (ResampledCounts){0};
}

/* The key at which the i-th of that many parts begins. */
static uint64_t part_begin(uint64_t begin, uint64_t end, int i, int parts, bool by_score)
{
    double low = score_of_key((uint32_t)begin), high = score_of_key((uint32_t)(end - 1));
    if (i == 0 || !by_score)
        return begin + (end - begin) * (uint64_t)i / (uint64_t)parts;
    uint64_t key = score_key((float)(low + (high - low) * i / parts));
    return key < begin ? begin : key > end ? end : key;
}

static void cut(ResampledCounts *counts, int *parent, const ResampledCounts *whole, int bin,
                int parts, bool by_score)
{
    uint64_t begin = whole->begin[bin], end = whole->end[bin];
    if (end - begin == 1)
        parts = 1;
    for (int i = 0; i < parts; i++) {
        uint64_t from = part_begin(begin, end, i, parts, by_score);
        uint64_t to = i + 1 < parts ? part_begin(begin, end, i + 1, parts, by_score) : end;
        if (from >= to)
            continue;
        parent[counts->bins] = bin;
        counts->begin[counts->bins] = from;
        counts->end[counts->bins++] = to;
    }
}

int resampled_counts_refine(ResampledCounts *counts, const bool *wanted, bool by_score, Err *err)
{
    ResampledCounts whole = *counts;
    int bins = 0;
    for (int i = 0; i < whole.bins; i++)
        bins += wanted[i];
    int parts = bins > MOST_BINS / 2 ? 2 : MOST_BINS / (bins > 0 ? bins : 1);
    int *parent = malloc(((size_t)bins * (size_t)parts + 1) * sizeof *parent);
    int rc = parent != NULL ? make_bins(counts, bins * parts, err) : err_memory(err, "bins", 0);
    for (int i = 0; rc == 0 && i < whole.bins; i++)
        if (wanted[i])
            cut(counts, parent, &whole, i, parts, by_score);
    if (rc == 0)
        rc = count(counts, err);
    if (rc == 0)
        sum_up(counts, whole.above, parent);
    free(parent);
    forget_bins(&whole);
    return rc;
}

/* Collecting --------------------------------------------------------------------------------- */

static void keep(Walk *walk, const ResampledImpostor *some, int64_t n)
{
    ResampledCounts *counts = walk->counts;
    pthread_mutex_lock(&walk->lock);
    walk->lost = walk->lost || !array_fit(counts->impostor, walk->room, walk->collected + n);
    if (!walk->lost) {
        memcpy(counts->impostor + walk->collected, some, (size_t)n * sizeof *some);
        walk->collected += n;
    }
    pthread_mutex_unlock(&walk->lock);
}

static void collect(void *arg, int index, int32_t a, const int32_t *b, const float *score,
                    int64_t n, bool genuine)
{
    Walk *walk = arg;
    ResampledImpostor some[CHUNK];
    int64_t m = 0;
    (void)index;
    (void)genuine;
    for (int64_t i = 0; i < n; i++) {
        uint32_t key = score_key(score[i]);
        int32_t bin = bin_of(walk, score[i], key);
        if (bin < 0 || !walk->wanted[bin] || walk->counts->end[bin] - walk->counts->begin[bin] == 1)
            continue;
        some[m++] = (ResampledImpostor){key, {a, b[i]}};
        if (m == CHUNK) {
            keep(walk, some, m);
            m = 0;
        }
    }
    if (m > 0)
        keep(walk, some, m);
}

static int compare_impostors(const void *a, const void *b)
{
    const ResampledImpostor *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

int resampled_counts_collect(ResampledCounts *counts, const bool *wanted, Err *err)
{
    Walk walk = {.counts = counts, .wanted = wanted};
    counts->first = malloc(((size_t)counts->bins + 1) * sizeof *counts->first);
    int rc = counts->first != NULL ? find_slots(&walk, err) : err_memory(err, "bins", 0);
    pthread_mutex_init(&walk.lock, NULL);
    if (rc == 0)
        rc = identity_pairs_walk(counts->pairs, SCORES_IMPOSTOR, counts->pool, collect, &walk, err);
    pthread_mutex_destroy(&walk.lock);
    free(walk.slot);
    if (rc == 0 && walk.lost)
        rc = err_memory(err, "impostors", (size_t)walk.collected * sizeof(ResampledImpostor));
    if (rc != 0)
        return rc;
    if (walk.collected > 0)
        sort_array(counts->impostor, (size_t)walk.collected, sizeof(ResampledImpostor),
                   compare_impostors);
    int64_t i = 0;
    for (int bin = 0; bin < counts->bins; bin++) {
        while (i < walk.collected && counts->impostor[i].key < counts->begin[bin])
            i++;
        counts->first[bin] = i;
    }
    counts->first[counts->bins] = walk.collected;
    return 0;
}
