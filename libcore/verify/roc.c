#include "verify/roc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scores/counts_internal.h"
#include "scores/far_rank_internal.h"
#include "scores/score_key_internal.h"
#include "verify/roc_points_internal.h"

/* The least genuine score from this key up; none: infinite. */
static float least_genuine(const Counts *counts, const Roc *roc, uint64_t key)
{
    int64_t below = counts_genuine_below(counts, key);
    return below < roc->genuine ? score_of_key(counts_genuine_key(counts, below)) : INFINITY;
}

/* The genuine scores strictly above the largest impostor below those accepted. */
static void find_next(RocVertex *v, const Counts *counts, const Roc *roc)
{
    uint64_t key = 0;
    if (v->impostor_at_least < roc->impostor)
        key = counts_at_rank(counts, v->impostor_at_least + 1).key + 1;
    v->genuine_next = roc->genuine - counts_genuine_below(counts, key);
    v->least_next = fminf(v->threshold, least_genuine(counts, roc, key));
}

static RocVertex vertex_of(const Counts *counts, const Roc *roc, int64_t rank)
{
    CountsPlace at = counts_at_rank(counts, rank);
    RocVertex v = {
        .threshold = score_of_key((uint32_t)at.key),
        .impostor_at_least = roc->impostor - at.below,
        .impostor_above = roc->impostor - at.below_next,
        .genuine_at_least = roc->genuine - counts_genuine_below(counts, at.key),
        .genuine_above = roc->genuine - counts_genuine_below(counts, at.key + 1),
        .least_above = least_genuine(counts, roc, at.key + 1),
    };
    if (rank == COUNTS_EQUAL_RATES)
        return v;
    find_next(&v, counts, roc);
    if (v.impostor_above > 0) {
        uint64_t key = counts_at_rank(counts, v.impostor_above).key;
        v.least_above = fminf(v.least_above, score_of_key((uint32_t)key));
    }
    return v;
}

void roc_equal_error(Roc *roc, const RocVertex *v)
{
    double impostor = (double)roc->impostor, genuine = (double)roc->genuine;
    double far0 = (double)v->impostor_above / impostor;
    double far1 = (double)v->impostor_at_least / impostor;
    double gap0 = 1 - (double)v->genuine_above / genuine - far0;
    double gap1 = far1 - (1 - (double)v->genuine_at_least / genuine);
    roc->eer = far0 + (far1 - far0) * gap0 / (gap0 + gap1);
    roc->eer_threshold = v->threshold;
}

/* Wants what the vertices and readings are read from. */
static void want_all(Counts *counts, const Roc *roc, const RocQuery *query)
{
    for (int i = 0; i < query->ranks; i++)
        counts_want_rank(counts, query->rank[i]);
    for (int i = 0; i < query->n; i++)
        if (query->reading[i].rank > 0)
            counts_want_rank(counts, query->reading[i].rank);
    if (roc->genuine > 0 && roc->impostor > 0)
        counts_want_rank(counts, COUNTS_EQUAL_RATES);
}

/* False when another walk must come first. */
static bool read_point(RocReading *r, RocRule rule, Counts *counts, const Roc *roc)
{
    if (r->rank == 0)
        return true;
    if (rule == ROC_DROPPED)
        return roc_points_dropped(r, counts, roc);
    if (rule == ROC_HISTOGRAM)
        return roc_points_histogram(r, counts, roc);
    RocVertex v = vertex_of(counts, roc, r->rank);
    *r = roc_read(rule, r->far, roc, &v);
    return true;
}

static int read_points(const RocQuery *query, Counts *counts, const Roc *roc, Pool *pool, Err *err)
{
    for (int i = 0; i < query->n; i++)
        while (!read_point(&query->reading[i], query->rule, counts, roc))
            if (counts_walk(counts, pool, err) != 0)
                return -1;
    return 0;
}

static void prepare(const RocQuery *query, const Roc *roc)
{
    for (int i = 0; i < query->n; i++) {
        double far = query->reading[i].far;
        int64_t rank = roc_rule_rank(query->rule, far, roc->impostor);
        query->reading[i] = (RocReading){.tar = NAN, .threshold = NAN, .rank = rank, .far = far};
    }
}

/* Walks until the cells of all ranks are counted: once if they were guessed well. */
static int count(Counts *counts, const Roc *roc, const RocQuery *query, Pool *pool, Err *err)
{
    int n = query->ranks;
    int64_t *rank = malloc(((size_t)n + (size_t)query->n + 1) * sizeof *rank);
    if (rank == NULL)
        return err_memory(err, "ranks", ((size_t)n + (size_t)query->n) * sizeof *rank);
    if (n > 0)
        memcpy(rank, query->rank, (size_t)n * sizeof *rank);
    for (int i = 0; i < query->n; i++)
        if (query->reading[i].rank > 0)
            rank[n++] = query->reading[i].rank;
    int rc = counts_guess(counts, rank, n, pool, err);
    free(rank);
    if (rc != 0 || counts_walk(counts, pool, err) != 0)
        return -1;
    want_all(counts, roc, query);
    return counts_wanting(counts) ? counts_walk(counts, pool, err) : 0;
}

int roc_query(Roc *roc, const RocQuery *query, const Scores *scores, Pool *pool, Err *err)
{
    *roc = (Roc){scores_genuine(scores), scores_impostor(scores), NAN, NAN, NAN};
    Counts *counts = counts_new(scores, pool, err);
    if (counts == NULL)
        return -1;
    prepare(query, roc);
    int rc = count(counts, roc, query, pool, err);
    if (rc == 0) {
        for (int i = 0; i < query->ranks; i++)
            query->vertex[i] = vertex_of(counts, roc, query->rank[i]);
        roc->auc = counts_area(counts);
        if (roc->genuine > 0 && roc->impostor > 0) {
            RocVertex crossing = vertex_of(counts, roc, COUNTS_EQUAL_RATES);
            roc_equal_error(roc, &crossing);
        }
        rc = read_points(query, counts, roc, pool, err);
    }
    counts_free(counts);
    return rc;
}

int roc_measure(Roc *roc, RocVertex *vertex, const int64_t *rank, int n, const Scores *scores,
                Pool *pool, Err *err)
{
    RocQuery query = {.ranks = n, .rank = rank, .vertex = vertex};
    return roc_query(roc, &query, scores, pool, err);
}

int roc_curve_ranks(int64_t *rank, int64_t impostors)
{
    const double step = 1.0746078283213176; /* 10^(1/32) */
    int n = 0;
    for (double k = 1; k < (double)impostors && n < ROC_CURVE_MAX - 1; k *= step)
        if (n == 0 || llround(k) > rank[n - 1])
            rank[n++] = llround(k);
    if (impostors > 0 && (n == 0 || rank[n - 1] < impostors))
        rank[n++] = impostors;
    return n;
}

const char *roc_rule_name(RocRule rule)
{
    static const char *const name[] = {"blufr", "nearest", "conservative", "dropped", "histogram"};
    return name[rule];
}

int64_t roc_rule_rank(RocRule rule, double far, int64_t impostors)
{
    int64_t k = far_rank(far, impostors);
    if (k == 0 || rule == ROC_BLUFR || rule == ROC_HISTOGRAM)
        return k;
    if (rule == ROC_CONSERVATIVE)
        k = far_rank_down(far, impostors) + 1;
    else
        k = far_rank_up(far, impostors);
    return k < impostors ? k : impostors;
}

/* The lower one of the two points next to the FAR, if it is the nearer, and the upper one. */
static void read_nearest(RocReading *r, const Roc *roc, const RocVertex *v)
{
    double n = (double)roc->impostor;
    double over = (double)v->impostor_at_least / n - r->far;
    double under = r->far - (double)v->impostor_above / n;
    if (over <= under) {
        r->accepted_genuine = v->genuine_next;
        r->threshold = v->least_next;
        return;
    }
    r->accepted = v->impostor_above;
    r->accepted_genuine = v->genuine_above;
    r->above = isinf(v->least_above);
    if (!r->above)
        r->threshold = v->least_above;
}

static void read_conservative(RocReading *r, const Roc *roc, const RocVertex *v)
{
    if (far_rank_down(r->far, roc->impostor) >= roc->impostor) {
        r->accepted_genuine = v->genuine_next;
        return;
    }
    r->above = true;
    r->accepted = v->impostor_above;
    r->accepted_genuine = v->genuine_above;
}

RocReading roc_read(RocRule rule, double far, const Roc *roc, const RocVertex *v)
{
    RocReading r = {.far = far,
                    .rank = roc_rule_rank(rule, far, roc->impostor),
                    .tar = NAN,
                    .threshold = v->threshold,
                    .accepted = v->impostor_at_least,
                    .accepted_genuine = v->genuine_at_least};
    if (rule == ROC_NEAREST)
        read_nearest(&r, roc, v);
    if (rule == ROC_CONSERVATIVE)
        read_conservative(&r, roc, v);
    if (roc->genuine > 0)
        r.tar = (double)r.accepted_genuine / (double)roc->genuine;
    return r;
}
