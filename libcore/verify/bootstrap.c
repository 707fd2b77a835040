#include "verify/bootstrap_internal.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort_internal.h"
#include "scores/far_rank_internal.h"
#include "scores/resampled_counts_internal.h"
#include "scores/score_key_internal.h"

enum {
    EQUAL_RATES = 0,      /* in place of a rank: where the error rates cross */
    A_BIN = 1 << 15,      /* impostors collected in a bin, at most */
    COLLECTED = 1 << 21,  /* and in all of them */
    LEVELS = 64,          /* of refinement: more than there are bits in a key */
    EDGE_ROOM = 2 * 1024, /* for two edges a vertex */
};

typedef struct Genuine {
    uint32_t key;
    int32_t identity;
} Genuine;

typedef struct Boot {
    const BootstrapAsk *ask;
    const Resample *resample;
    Bootstrap *out;
    ResampledCounts counts;
    Genuine *genuine; /* [genuines], by key */
    int64_t genuines;
    pthread_mutex_t lock;
    uint64_t *genuine_total, *impostor_total; /* [lanes] */
    uint64_t *below;                          /* [workers,genuines + 1] */
    uint64_t *sum;                            /* [workers,A_BIN + 1] */
    int32_t *target;                          /* [n,2 * (fars + 1)] the bins of thresholds, or -1 */
} Boot;

/* One resample, as one worker sees it. */
typedef struct View {
    const Boot *boot;
    int r;
    Roc roc;               /* the numbers of pairs */
    const uint64_t *below; /* [genuines + 1] the weight of the genuine scores before each */
    uint64_t *sum;         /* [A_BIN + 1] */
} View;

/* Genuine scores ------------------------------------------------------------------------------ */

static void keep_genuine(void *arg, int worker, int32_t a, const int32_t *b, const float *score,
                         int64_t n, bool genuine)
{
    Boot *boot = arg;
    (void)worker;
    (void)b;
    (void)genuine;
    pthread_mutex_lock(&boot->lock);
    for (int64_t i = 0; i < n; i++)
        boot->genuine[boot->genuines++] = (Genuine){score_key(score[i]), a};
    pthread_mutex_unlock(&boot->lock);
}

static int compare_genuine(const void *a, const void *b)
{
    const Genuine *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static int find_genuine(Boot *boot, const IdentityPairs *pairs, Pool *pool, Err *err)
{
    size_t room = (size_t)boot->genuine_total[0] + 1, lanes = (size_t)pool_threads(pool);
    boot->genuine = malloc(room * sizeof *boot->genuine);
    boot->below = malloc(lanes * room * sizeof *boot->below);
    boot->sum = malloc(lanes * (A_BIN + 1) * sizeof *boot->sum);
    if (!boot->genuine || !boot->below || !boot->sum)
        return err_memory(err, "genuine scores", (lanes + 1) * room * 8);
    pthread_mutex_init(&boot->lock, NULL);
    int rc = identity_pairs_walk(pairs, SCORES_GENUINE, pool, keep_genuine, boot, err);
    pthread_mutex_destroy(&boot->lock);
    if (rc == 0)
        sort_array(boot->genuine, (size_t)boot->genuines, sizeof *boot->genuine, compare_genuine);
    return rc;
}

static View view_of(const Boot *boot, int r, int worker)
{
    uint64_t *below = boot->below + worker * (boot->genuines + 1), sum = 0;
    for (int64_t i = 0; i < boot->genuines; i++) {
        below[i] = sum;
        sum +=
            boot->resample->weight[(int64_t)boot->genuine[i].identity * boot->resample->lanes + r];
    }
    below[boot->genuines] = sum;
    return (View){.boot = boot,
                  .r = r,
                  .roc = {.genuine = (int64_t)boot->genuine_total[r],
                          .impostor = (int64_t)boot->impostor_total[r]},
                  .below = below,
                  .sum = boot->sum + (int64_t)worker * (A_BIN + 1)};
}

/* The weight of the genuine scores with a key less than this one. */
static uint64_t genuine_below(const View *view, uint64_t key)
{
    int64_t low = 0, high = view->boot->genuines;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (view->boot->genuine[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return view->below[low];
}

/* Thresholds ---------------------------------------------------------------------------------- */

/* Whether a threshold at this key, which accepts that many impostors, reaches the rank. */
static bool reached(const View *view, uint64_t accepted, uint64_t key, int64_t rank)
{
    if (rank != EQUAL_RATES)
        return accepted >= (uint64_t)rank;
    return (unsigned __int128)accepted * (unsigned __int128)view->roc.genuine >=
           (unsigned __int128)genuine_below(view, key) * (unsigned __int128)view->roc.impostor;
}

/* The last bin whose beginning reaches the rank. */
static int bin_at(const View *view, int64_t rank)
{
    const ResampledCounts *counts = &view->boot->counts;
    int low = 0, high = counts->bins;
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (reached(view, resampled_counts_at_least(counts, middle, view->r), counts->begin[middle],
                    rank))
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The last key that reaches the rank, and the impostors from it on and above it. */
typedef struct Place {
    uint64_t key, at_least, above;
} Place;

static int64_t first_from(const ResampledImpostor *impostor, int64_t n, uint64_t key)
{
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (impostor[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static Place place_of(const View *view, int64_t rank)
{
    const ResampledCounts *counts = &view->boot->counts;
    const Resample *resample = view->boot->resample;
    int bin = bin_at(view, rank);
    uint64_t low = counts->begin[bin], high = counts->end[bin];
    uint64_t above = counts->above[(int64_t)bin * resample->lanes + view->r];
    if (high - low == 1)
        return (Place){low, resampled_counts_at_least(counts, bin, view->r), above};
    int64_t n = counts->first[bin + 1] - counts->first[bin];
    const ResampledImpostor *impostor = n > 0 ? counts->impostor + counts->first[bin] : NULL;
    const uint8_t *weight = resample->weight + view->r;
    view->sum[n] = above;
    for (int64_t i = n - 1; i >= 0; i--) {
        const int32_t *identity = impostor[i].identity;
        view->sum[i] = view->sum[i + 1] + (uint64_t)weight[(int64_t)identity[0] * resample->lanes] *
                                              weight[(int64_t)identity[1] * resample->lanes];
    }
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (reached(view, view->sum[first_from(impostor, n, middle)], middle, rank))
            low = middle;
        else
            high = middle;
    }
    return (Place){low, view->sum[first_from(impostor, n, low)],
                   view->sum[first_from(impostor, n, low + 1)]};
}

static RocVertex vertex_of(const View *view, int64_t rank)
{
    Place at = place_of(view, rank);
    uint64_t genuine = (uint64_t)view->roc.genuine, impostor = (uint64_t)view->roc.impostor;
    uint64_t next = 0;
    if (at.at_least >= impostor)
        next = genuine;
    else if (view->boot->ask->rule == ROC_NEAREST && rank != EQUAL_RATES)
        next = genuine - genuine_below(view, place_of(view, (int64_t)at.at_least + 1).key + 1);
    return (RocVertex){.threshold = score_of_key((uint32_t)at.key),
                       .impostor_at_least = (int64_t)at.at_least,
                       .impostor_above = (int64_t)at.above,
                       .genuine_at_least = (int64_t)(genuine - genuine_below(view, at.key)),
                       .genuine_above = (int64_t)(genuine - genuine_below(view, at.key + 1)),
                       .genuine_next = (int64_t)next};
}

/* The i-th of fars + 1 targets: the ranks of the FARs, then the EER. */
static int64_t target_rank(const View *view, int i)
{
    const BootstrapAsk *ask = view->boot->ask;
    if (i == ask->fars)
        return EQUAL_RATES;
    int64_t rank = roc_rule_rank(ask->rule, ask->far[i], view->roc.impostor);
    return rank < 1 ? 1 : rank;
}

static bool measurable(const View *view)
{
    return view->roc.genuine > 0 && view->roc.impostor > 0;
}

/* Notes the bins that resample r needs; for conventions that look at the next lower impostor, also
 * the bin of that one. */
static void locate(void *arg, int64_t r, int worker)
{
    Boot *boot = arg;
    const ResampledCounts *counts = &boot->counts;
    View view = view_of(boot, (int)r, worker);
    int targets = boot->ask->fars + 1;
    int32_t *target = boot->target + r * 2 * targets;
    for (int i = 0; i < 2 * targets; i++)
        target[i] = -1;
    for (int i = 0; i < targets && measurable(&view); i++) {
        target[i] = bin_at(&view, target_rank(&view, i));
        uint64_t accepted = resampled_counts_at_least(counts, target[i], view.r);
        if (boot->ask->rule == ROC_NEAREST && accepted < (uint64_t)view.roc.impostor)
            target[targets + i] = bin_at(&view, (int64_t)accepted + 1);
    }
}

/* Which bins are needed; false when they hold too many impostors to collect them. */
static bool find_wanted(bool *wanted, const Boot *boot)
{
    const ResampledCounts *counts = &boot->counts;
    int64_t n = (int64_t)boot->resample->n * 2 * (boot->ask->fars + 1), all = 0;
    bool small = true;
    memset(wanted, 0, (size_t)counts->bins * sizeof *wanted);
    for (int64_t i = 0; i < n; i++)
        if (boot->target[i] >= 0)
            wanted[boot->target[i]] = true;
    for (int bin = 0; bin < counts->bins; bin++) {
        uint64_t count = counts->count[(int64_t)bin * boot->resample->lanes];
        if (!wanted[bin] || counts->end[bin] - counts->begin[bin] == 1)
            continue;
        small = small && count <= A_BIN;
        all += (int64_t)count;
    }
    return small && all <= COLLECTED;
}

static int refine(Boot *boot, Pool *pool, Err *err)
{
    ResampledCounts *counts = &boot->counts;
    for (int level = 0; level < LEVELS; level++) {
        bool *wanted = malloc((size_t)counts->bins * sizeof *wanted);
        if (wanted == NULL)
            return err_memory(err, "bins", (size_t)counts->bins);
        pool_run(pool, boot->resample->n, locate, boot);
        bool found = find_wanted(wanted, boot);
        int rc = found ? resampled_counts_collect(counts, wanted, err)
                       : resampled_counts_refine(counts, wanted, level % 2 == 0, err);
        free(wanted);
        if (rc != 0 || found)
            return rc;
    }
    return err_set(err, "the thresholds of the resamples cannot be told apart");
}

/* What is measured ---------------------------------------------------------------------------- */

static void read_figures(void *arg, int64_t r, int worker)
{
    Boot *boot = arg;
    View view = view_of(boot, (int)r, worker);
    const BootstrapAsk *ask = boot->ask;
    int n = boot->resample->n;
    boot->out->eer[r] = NAN;
    for (int i = 0; i < ask->fars; i++) {
        boot->out->tar[(int64_t)i * n + r] = NAN;
        if (!measurable(&view))
            continue;
        RocVertex vertex = vertex_of(&view, target_rank(&view, i));
        boot->out->tar[(int64_t)i * n + r] =
            roc_read(ask->rule, ask->far[i], &view.roc, &vertex).tar;
    }
    if (!measurable(&view))
        return;
    RocVertex crossing = vertex_of(&view, EQUAL_RATES);
    roc_equal_error(&view.roc, &crossing);
    boot->out->eer[r] = view.roc.eer;
}

/* TAR where a share `far` of the impostors is accepted. */
static double interpolated(const View *view, double far)
{
    const ResampledCounts *counts = &view->boot->counts;
    double accepted = far * (double)view->roc.impostor;
    int64_t rank = far_rank_up(far, view->roc.impostor);
    int bin = bin_at(view, rank > 1 ? rank : 1);
    double x0 = (double)counts->above[(int64_t)bin * view->boot->resample->lanes + view->r];
    double x1 = (double)resampled_counts_at_least(counts, bin, view->r);
    double y0 = (double)view->roc.genuine - (double)genuine_below(view, counts->end[bin]);
    double y1 = (double)view->roc.genuine - (double)genuine_below(view, counts->begin[bin]);
    double along = x1 > x0 ? (accepted - x0) / (x1 - x0) : 1;
    return (y0 + along * (y1 - y0)) / (double)view->roc.genuine;
}

static void read_band(void *arg, int64_t r, int worker)
{
    Boot *boot = arg;
    View view = view_of(boot, (int)r, worker);
    for (int i = 0; i < boot->ask->vertices; i++) {
        double far =
            (double)boot->ask->curve[i].impostor_at_least / (double)boot->impostor_total[0];
        boot->out->band[(int64_t)i * boot->resample->n + r] =
            measurable(&view) ? interpolated(&view, far) : NAN;
    }
}

/* Ascending: each vertex and the float after it, so that a score that occurs very often is alone in
 * its bin. Scores are cosines, within -2 and 2. */
static int find_edges(uint64_t edge[EDGE_ROOM + 2], const BootstrapAsk *ask)
{
    int n = 0;
    edge[n++] = score_key(-2);
    for (int i = ask->vertices - 1; i >= 0; i--)
        for (uint64_t k = 0; k < 2; k++)
            if (score_key(ask->curve[i].threshold) + k > edge[n - 1] && n <= EDGE_ROOM)
                edge[n++] = score_key(ask->curve[i].threshold) + k;
    edge[n++] = score_key(2);
    return n;
}

static int allocate(Boot *boot, Err *err)
{
    size_t n = (size_t)boot->resample->n, lanes = (size_t)boot->resample->lanes;
    size_t targets = (size_t)boot->ask->fars + 1, vertices = (size_t)boot->ask->vertices;
    boot->genuine_total = malloc(lanes * sizeof(uint64_t));
    boot->impostor_total = malloc(lanes * sizeof(uint64_t));
    boot->target = malloc(n * 2 * targets * sizeof *boot->target);
    boot->out->tar = malloc(n * targets * sizeof(double));
    boot->out->eer = malloc(n * sizeof(double));
    if (boot->ask->band)
        boot->out->band = malloc((n * vertices + 1) * sizeof(double));
    if (!boot->genuine_total || !boot->impostor_total || !boot->target || !boot->out->tar ||
        !boot->out->eer || (boot->ask->band && boot->out->band == NULL))
        return err_memory(err, "resamples", n * (targets + vertices) * 8);
    return 0;
}

int bootstrap_measure(Bootstrap *bootstrap, const BootstrapAsk *ask, const IdentityPairs *pairs,
                      const Resample *resample, Pool *pool, Err *err)
{
    uint64_t edge[EDGE_ROOM + 2];
    int edges = find_edges(edge, ask);
    *bootstrap = (Bootstrap){0};
    Boot boot = {.ask = ask, .resample = resample, .out = bootstrap};
    int rc = allocate(&boot, err);
    if (rc == 0) {
        identity_pairs_count(boot.genuine_total, boot.impostor_total, pairs, resample);
        rc = find_genuine(&boot, pairs, pool, err);
    }
    if (rc == 0)
        rc = resampled_counts_init(&boot.counts, pairs, resample, edge, edges, pool, err);
    if (rc == 0 && ask->band)
        pool_run(pool, resample->n, read_band, &boot);
    if (rc == 0)
        rc = refine(&boot, pool, err);
    if (rc == 0)
        pool_run(pool, resample->n, read_figures, &boot);
    resampled_counts_release(&boot.counts);
    free(boot.genuine);
    free(boot.genuine_total);
    free(boot.impostor_total);
    free(boot.below);
    free(boot.sum);
    free(boot.target);
    return rc;
}

void bootstrap_release(Bootstrap *bootstrap)
{
    free(bootstrap->tar);
    free(bootstrap->eer);
    free(bootstrap->band);
    *bootstrap = (Bootstrap){0};
}
