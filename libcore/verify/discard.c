#include "verify/discard_internal.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/sort_internal.h"
#include "scores/kept_internal.h"
#include "scores/rough_internal.h"

#define AREA_TO 0.2

/* Impostors kept at hand, at most: 128 MiB. */
#define MOST_KEPT ((int64_t)1 << 23)

typedef struct RatedPair {
    double quality;
    float score;
} RatedPair;

/* The genuine pairs, and the impostors from a score on, as long as there is room for them. */
typedef struct Gather {
    const Comparison *comparison;
    const double *quality; /* [rows] */
    float from;
    RatedPair *genuine, *impostor;
    int64_t room;                        /* for impostors */
    _Atomic int64_t genuines, impostors; /* impostors may be more than there is room for */
} Gather;

static void gather(void *arg, int worker, int64_t place, int64_t column, const float *score,
                   int64_t n, bool genuine)
{
    Gather *g = arg;
    const Scores *scores = g->comparison->scores;
    double own = g->quality[scores_row(scores, place)];
    float from = genuine ? -INFINITY : g->from;
    RatedPair *pair = genuine ? g->genuine : g->impostor;
    int64_t some = rough_count(score, n, from), room = genuine ? INT64_MAX : g->room;
    (void)worker;
    if (some == 0)
        return;
    int64_t at = atomic_fetch_add(genuine ? &g->genuines : &g->impostors, some);
    if (at + some > room)
        return;
    for (int64_t i = 0; i < n; i++)
        if (score[i] >= from)
            pair[at++] =
                (RatedPair){fmin(own, g->quality[scores_row(scores, column + i)]), score[i]};
}

static double quality_of_listed(const Comparison *c, const double *quality, int64_t i)
{
    return fmin(quality[c->listed.row[i][0]], quality[c->listed.row[i][1]]);
}

static void gather_listed(Gather *g)
{
    const ListedScores *listed = &g->comparison->listed;
    for (int64_t i = 0; i < listed->n; i++)
        if (listed->same[i])
            g->genuine[g->genuines++] =
                (RatedPair){quality_of_listed(g->comparison, g->quality, i), listed->score[i]};
}

static int compare_pairs(const void *a, const void *b)
{
    const RatedPair *x = a, *y = b;
    return (x->quality > y->quality) - (x->quality < y->quality);
}

static double grid(int i)
{
    return i <= 20 ? i / 100.0 : (i - 18) / 10.0;
}

/* The steps of the curve, of which those of the grid are kept; pair[n] is sorted. */
static void walk_curve(Discard *d, const RatedPair *pair, int64_t n, float threshold)
{
    int64_t wrong = 0;
    int next = 0;
    for (int64_t i = 0; i < n; i++)
        wrong += pair[i].score < threshold;
    double first = (double)wrong / (double)n, end = fmin(first, AREA_TO);
    d->ideal = (end + (1 - first) * log1p(-end)) / AREA_TO;
    if (first == 1)
        d->ideal = 1;
    for (int64_t i = 0, after; i < n; i = after) {
        DiscardPoint p = {.share = (double)i / (double)n,
                          .above = i > 0 ? pair[i - 1].quality : -(double)INFINITY,
                          .wrong = wrong,
                          .pairs = n - i,
                          .fnmr = (double)wrong / (double)(n - i)};
        for (after = i; after < n && pair[after].quality == pair[i].quality; after++)
            wrong -= pair[after].score < threshold;
        double until = (double)after / (double)n;
        d->area += p.fnmr * fmax(0, fmin(until, AREA_TO) - p.share) / AREA_TO;
        bool kept = false;
        for (; next < DISCARD_POINTS && (grid(next) < until || after == n); next++)
            kept = kept || grid(next) >= p.share;
        if (kept)
            d->point[d->points++] = p;
    }
}

/* The scores of the pairs that are left, compared anew. */
static Scores *scores_left(const Comparison *c, const double *quality, double above, Err *err)
{
    const ListedScores *listed = &c->listed;
    int64_t all = c->list_name != NULL ? listed->n : c->rows, n = 0;
    int64_t *row = malloc(((size_t)all + 1) * sizeof *row);
    float *score = malloc(((size_t)all + 1) * sizeof *score);
    bool *same = malloc((size_t)all + 1);
    Scores *scores = NULL;
    if (row == NULL || score == NULL || same == NULL)
        err_memory(err, "rows", (size_t)all * sizeof *row);
    else if (c->list_name == NULL) {
        for (int64_t i = 0; i < all; i++)
            if (c->embeddings.label[i] >= 0 && quality[i] > above)
                row[n++] = i;
        scores = scores_pairs_among(&c->embeddings.rows, row, n, err);
    } else {
        for (int64_t i = 0; i < all; i++)
            if (quality_of_listed(c, quality, i) > above) {
                score[n] = listed->score[i];
                same[n++] = listed->same[i];
            }
        scores = scores_listed(score, same, n, err);
    }
    free(row);
    free(score);
    free(same);
    return scores;
}

static int read_left(RocReading *reading, const DiscardPoint *p, const Gather *g, RocRule rule,
                     Pool *pool, Err *err)
{
    RocQuery query = {.rule = rule, .n = 1, .reading = reading};
    Roc roc;
    Scores *scores = scores_left(g->comparison, g->quality, p->above, err);
    int rc = scores != NULL ? roc_query(&roc, &query, scores, pool, err) : -1;
    scores_free(scores);
    return rc;
}

/* Of all pairs of rows, the impostors of a higher quality. */
static int64_t impostors_left(const Gather *g, const DiscardPoint *p)
{
    int64_t rows = 0;
    for (int64_t i = 0; i < g->comparison->rows; i++)
        rows += g->comparison->embeddings.label[i] >= 0 && g->quality[i] > p->above;
    return rows * (rows - 1) / 2 - p->pairs;
}

/* The pairs kept at hand that are left: all genuine ones and the highest impostors. */
static Scores *kept_left(const Gather *g, double above, Err *err)
{
    size_t room = (size_t)(g->genuines + g->impostors) + 1;
    float *score = malloc(room * sizeof *score);
    bool *same = malloc(room);
    Scores *scores = NULL;
    int64_t n = 0;
    if (score == NULL || same == NULL)
        err_memory(err, "scores", room * 5);
    for (int kind = 0; score != NULL && same != NULL && kind < 2; kind++) {
        const RatedPair *pair = kind == 0 ? g->impostor : g->genuine;
        int64_t pairs = kind == 0 ? g->impostors : g->genuines;
        for (int64_t i = 0; i < pairs; i++)
            if (pair[i].quality > above) {
                score[n] = pair[i].score;
                same[n++] = kind == 1;
            }
    }
    if (score != NULL && same != NULL)
        scores = scores_listed(score, same, n, err);
    free(score);
    free(same);
    return scores;
}

/* The reading from the pairs kept at hand: a vertex of the curve counts from the highest score
 * down, so that those below the next lower impostor do not matter. 0 where the impostors kept do
 * not reach so far. */
static int read_kept(RocReading *reading, const DiscardPoint *p, const Gather *g, RocRule rule,
                     Pool *pool, Err *err)
{
    Roc roc, all = {.genuine = p->pairs, .impostor = impostors_left(g, p)};
    RocVertex vertex;
    int64_t rank = roc_rule_rank(rule, reading->far, all.impostor);
    if (rank == 0)
        return 1;
    Scores *scores = kept_left(g, p->above, err);
    int rc = scores != NULL ? 0 : -1;
    if (rc == 0 && rank <= scores_impostor(scores)) {
        rc = roc_measure(&roc, &vertex, &rank, 1, scores, pool, err);
        if (rc == 0 && (vertex.impostor_at_least < roc.impostor || roc.impostor == all.impostor)) {
            *reading = roc_read(rule, reading->far, &all, &vertex);
            rc = 1;
        }
    }
    scores_free(scores);
    return rc;
}

static int set_again(DiscardPoint *p, const Gather *g, RocRule rule, double far, Pool *pool,
                     Err *err)
{
    RocReading reading = {.far = far};
    bool kept = g->room > 0 && g->impostors <= g->room && rule != ROC_DROPPED;
    int rc = kept ? read_kept(&reading, p, g, rule, pool, err) : 0;
    if (rc == 0)
        rc = read_left(&reading, p, g, rule, pool, err);
    if (rc >= 0 && reading.rank > 0) {
        p->reset_fnmr = 1 - reading.tar;
        p->reset_threshold = reading.threshold;
    }
    return rc < 0 ? -1 : 0;
}

static int gather_pairs(Gather *g, float from, Pool *pool, Err *err)
{
    const Scores *scores = g->comparison->scores;
    int64_t genuine = scores_genuine(scores), impostor = scores_impostor(scores);
    bool listed = g->comparison->list_name != NULL;
    g->from = from;
    g->room = isinf(from) || listed ? 0 : impostor < MOST_KEPT ? impostor : MOST_KEPT;
    g->genuine = malloc((size_t)genuine * sizeof *g->genuine);
    g->impostor = malloc((size_t)g->room * sizeof *g->impostor + 1);
    if (g->genuine == NULL || g->impostor == NULL)
        return err_memory(err, "pairs", (size_t)(genuine + g->room) * sizeof *g->genuine);
    if (!listed)
        return scores_walk_from(scores, g->room > 0 ? SCORES_ALL : SCORES_GENUINE, from, pool,
                                gather, g, err);
    gather_listed(g);
    return 0;
}

int discard_measure(Discard *d, const Comparison *c, const double *quality, float threshold,
                    RocRule rule, double far, float from, Pool *pool, Err *err)
{
    Gather g = {.comparison = c, .quality = quality};
    *d = (Discard){0};
    if (scores_genuine(c->scores) == 0)
        return err_set(err, "%s: no genuine pairs to put aside", c->input);
    int rc = gather_pairs(&g, isnan(far) ? INFINITY : from, pool, err);
    if (rc == 0) {
        sort_array(g.genuine, (size_t)g.genuines, sizeof *g.genuine, compare_pairs);
        walk_curve(d, g.genuine, g.genuines, threshold);
    }
    for (int i = 0; rc == 0 && i < d->points; i++) {
        d->point[i].reset_fnmr = (double)NAN;
        if (!isnan(far))
            rc = set_again(&d->point[i], &g, rule, far, pool, err);
    }
    free(g.genuine);
    free(g.impostor);
    return rc;
}
