#include "eval/weigh.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/real.h"
#include "base/sort.h"
#include "eval/key.h"

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
    Weigh *weigh;
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
    const Weigh *weigh = walk->weigh;
    walk->slot = malloc((SLOTS + 1) * sizeof *walk->slot);
    if (walk->slot == NULL)
        return err_memory(err, "bins", SLOTS * sizeof *walk->slot);
    int bin = 0;
    for (int32_t slot = 0; slot < SLOTS; slot++) {
        /* Floats are rounded as slots are found: all that belongs here is above the slot before. */
        float least = (float)(slot - 1) / (SLOTS / 2) - 1;
        while (slot > 0 && bin < weigh->bins && weigh->end[bin] <= score_key(least))
            bin++;
        walk->slot[slot] = bin;
    }
    walk->slot[SLOTS] = weigh->bins;
    return 0;
}

/* The bin of a key, or -1. */
static inline int32_t bin_of(const Walk *walk, float score, uint32_t key)
{
    const Weigh *weigh = walk->weigh;
    int32_t slot = slot_of(score), low = walk->slot[slot];
    int32_t high = slot + 2 <= SLOTS ? walk->slot[slot + 2] : weigh->bins;
    while (low < high) { /* the first that ends behind the key */
        int32_t middle = (low + high) / 2;
        if (weigh->end[middle] <= key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < weigh->bins && weigh->begin[low] <= key ? low : -1;
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
    Weigh *weigh = walk->weigh;
    int64_t n = (int64_t)weigh->bins * weigh->resample->lanes;
    pthread_mutex_lock(&walk->lock);
    for (int64_t i = 0; i < n; i++)
        weigh->count[i] += worker->count[i];
    pthread_mutex_unlock(&walk->lock);
    memset(worker->count, 0, (size_t)n * sizeof *worker->count);
    worker->counted = 0;
}

static void count_impostors(void *arg, int index, int32_t a, const int32_t *b, const float *score,
                            int64_t n, bool genuine)
{
    Walk *walk = arg;
    Worker *worker = &walk->worker[index];
    const Resample *resample = walk->weigh->resample;
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
static void sum_up(Weigh *weigh, const uint64_t *above_parent, const int *parent)
{
    int64_t lanes = weigh->resample->lanes;
    for (int bin = weigh->bins - 1; bin >= 0; bin--) {
        bool last = bin == weigh->bins - 1 || parent[bin] != parent[bin + 1];
        for (int64_t r = 0; r < lanes; r++)
            weigh->above[bin * lanes + r] =
                last ? above_parent[parent[bin] * lanes + r]
                     : weigh->above[(bin + 1) * lanes + r] + weigh->count[(bin + 1) * lanes + r];
    }
}

static int count(Weigh *weigh, Err *err)
{
    int workers = pool_threads(weigh->pool);
    size_t n = (size_t)weigh->bins * (size_t)weigh->resample->lanes;
    Walk walk = {.weigh = weigh, .most = overflow_after(weigh->resample)};
    walk.worker = calloc((size_t)workers, sizeof *walk.worker);
    int rc = walk.worker != NULL ? find_slots(&walk, err) : err_memory(err, "counts", n * 4);
    for (int i = 0; rc == 0 && i < workers; i++)
        if ((walk.worker[i].count = calloc(n, sizeof(uint32_t))) == NULL)
            rc = err_memory(err, "counts", n * sizeof(uint32_t));
    pthread_mutex_init(&walk.lock, NULL);
    if (rc == 0)
        rc = idpairs_walk(weigh->pairs, SCORES_IMPOSTOR, weigh->pool, count_impostors, &walk, err);
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

static void forget_bins(Weigh *weigh)
{
    free(weigh->begin);
    free(weigh->end);
    free(weigh->count);
    free(weigh->above);
    weigh->begin = weigh->end = weigh->count = weigh->above = NULL;
}

static int make_bins(Weigh *weigh, int bins, Err *err)
{
    size_t n = (size_t)bins + 1, lanes = (size_t)weigh->resample->lanes;
    weigh->bins = 0;
    weigh->begin = malloc(n * sizeof *weigh->begin);
    weigh->end = malloc(n * sizeof *weigh->end);
    weigh->count = calloc(n * lanes, sizeof *weigh->count);
    weigh->above = calloc(n * lanes, sizeof *weigh->above);
    if (!weigh->begin || !weigh->end || !weigh->count || !weigh->above)
        return err_memory(err, "bins", n * lanes * 16);
    return 0;
}

int weigh_new(Weigh *weigh, const IdPairs *pairs, const Resample *resample, const uint64_t *edge,
              int edges, Pool *pool, Err *err)
{
    *weigh = (Weigh){.pairs = pairs, .resample = resample, .pool = pool};
    uint64_t *nothing = calloc((size_t)resample->lanes, sizeof *nothing);
    int *parent = calloc((size_t)edges + 1, sizeof *parent);
    int rc = nothing && parent ? make_bins(weigh, edges, err) : err_memory(err, "bins", 0);
    for (; rc == 0 && weigh->bins < edges - 1; weigh->bins++) {
        weigh->begin[weigh->bins] = edge[weigh->bins];
        weigh->end[weigh->bins] = edge[weigh->bins + 1];
    }
    if (rc == 0)
        rc = count(weigh, err);
    if (rc == 0)
        sum_up(weigh, nothing, parent);
    free(nothing);
    free(parent);
    return rc;
}

void weigh_free(Weigh *weigh)
{
    forget_bins(weigh);
    free(weigh->impostor);
    free(weigh->first);
    *weigh = (Weigh){0};
}

/* The key where the i-th of so many parts begins. */
static uint64_t part_begin(uint64_t begin, uint64_t end, int i, int parts, bool by_score)
{
    double low = key_score((uint32_t)begin), high = key_score((uint32_t)(end - 1));
    if (i == 0 || !by_score)
        return begin + (end - begin) * (uint64_t)i / (uint64_t)parts;
    uint64_t key = score_key((float)(low + (high - low) * i / parts));
    return key < begin ? begin : key > end ? end : key;
}

static void cut(Weigh *weigh, int *parent, const Weigh *whole, int bin, int parts, bool by_score)
{
    uint64_t begin = whole->begin[bin], end = whole->end[bin];
    if (end - begin == 1)
        parts = 1;
    for (int i = 0; i < parts; i++) {
        uint64_t from = part_begin(begin, end, i, parts, by_score);
        uint64_t to = i + 1 < parts ? part_begin(begin, end, i + 1, parts, by_score) : end;
        if (from >= to)
            continue;
        parent[weigh->bins] = bin;
        weigh->begin[weigh->bins] = from;
        weigh->end[weigh->bins++] = to;
    }
}

int weigh_refine(Weigh *weigh, const bool *wanted, bool by_score, Err *err)
{
    Weigh whole = *weigh;
    int bins = 0;
    for (int i = 0; i < whole.bins; i++)
        bins += wanted[i];
    int parts = bins > MOST_BINS / 2 ? 2 : MOST_BINS / (bins > 0 ? bins : 1);
    int *parent = malloc(((size_t)bins * (size_t)parts + 1) * sizeof *parent);
    int rc = parent != NULL ? make_bins(weigh, bins * parts, err) : err_memory(err, "bins", 0);
    for (int i = 0; rc == 0 && i < whole.bins; i++)
        if (wanted[i])
            cut(weigh, parent, &whole, i, parts, by_score);
    if (rc == 0)
        rc = count(weigh, err);
    if (rc == 0)
        sum_up(weigh, whole.above, parent);
    free(parent);
    forget_bins(&whole);
    return rc;
}

/* Collecting --------------------------------------------------------------------------------- */

static void keep(Walk *walk, const Impostor *some, int64_t n)
{
    Weigh *weigh = walk->weigh;
    pthread_mutex_lock(&walk->lock);
    if (walk->collected + n > walk->room) {
        int64_t room = 2 * (walk->collected + n);
        Impostor *grown = realloc(weigh->impostor, (size_t)room * sizeof *grown);
        walk->lost = walk->lost || grown == NULL;
        walk->room = grown != NULL ? room : walk->room;
        weigh->impostor = grown != NULL ? grown : weigh->impostor;
    }
    if (!walk->lost) {
        memcpy(weigh->impostor + walk->collected, some, (size_t)n * sizeof *some);
        walk->collected += n;
    }
    pthread_mutex_unlock(&walk->lock);
}

static void collect(void *arg, int index, int32_t a, const int32_t *b, const float *score,
                    int64_t n, bool genuine)
{
    Walk *walk = arg;
    Impostor some[CHUNK];
    int64_t m = 0;
    (void)index;
    (void)genuine;
    for (int64_t i = 0; i < n; i++) {
        uint32_t key = score_key(score[i]);
        int32_t bin = bin_of(walk, score[i], key);
        if (bin < 0 || !walk->wanted[bin] || walk->weigh->end[bin] - walk->weigh->begin[bin] == 1)
            continue;
        some[m++] = (Impostor){key, {a, b[i]}};
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
    const Impostor *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

int weigh_collect(Weigh *weigh, const bool *wanted, Err *err)
{
    Walk walk = {.weigh = weigh, .wanted = wanted};
    weigh->first = malloc(((size_t)weigh->bins + 1) * sizeof *weigh->first);
    int rc = weigh->first != NULL ? find_slots(&walk, err) : err_memory(err, "bins", 0);
    pthread_mutex_init(&walk.lock, NULL);
    if (rc == 0)
        rc = idpairs_walk(weigh->pairs, SCORES_IMPOSTOR, weigh->pool, collect, &walk, err);
    pthread_mutex_destroy(&walk.lock);
    free(walk.slot);
    if (rc == 0 && walk.lost)
        rc = err_memory(err, "impostors", (size_t)walk.collected * sizeof(Impostor));
    if (rc != 0)
        return rc;
    if (walk.collected > 0)
        sort_array(weigh->impostor, (size_t)walk.collected, sizeof(Impostor), compare_impostors);
    int64_t i = 0;
    for (int bin = 0; bin < weigh->bins; bin++) {
        while (i < walk.collected && weigh->impostor[i].key < weigh->begin[bin])
            i++;
        weigh->first[bin] = i;
    }
    weigh->first[weigh->bins] = walk.collected;
    return 0;
}
