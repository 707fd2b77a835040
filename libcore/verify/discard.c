#include "verify/discard_internal.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/sort_internal.h"

#define AREA_TO 0.2

typedef struct GenuinePair {
    double quality;
    bool wrong;
} GenuinePair;

typedef struct Gather {
    const Comparison *comparison;
    const double *quality; /* [rows] */
    float threshold;
    GenuinePair *pair;
    _Atomic int64_t n;
} Gather;

static void gather(void *arg, int worker, int64_t place, int64_t column, const float *score,
                   int64_t n, bool genuine)
{
    Gather *g = arg;
    const Scores *scores = g->comparison->scores;
    double own = g->quality[scores_row(scores, place)];
    int64_t at = atomic_fetch_add(&g->n, n);
    (void)worker;
    (void)genuine;
    for (int64_t i = 0; i < n; i++)
        g->pair[at + i] = (GenuinePair){fmin(own, g->quality[scores_row(scores, column + i)]),
                                        score[i] < g->threshold};
}

static void gather_listed(Gather *g)
{
    const ListedScores *listed = &g->comparison->listed;
    for (int64_t i = 0; i < listed->n; i++)
        if (listed->same[i])
            g->pair[g->n++] =
                (GenuinePair){fmin(g->quality[listed->row[i][0]], g->quality[listed->row[i][1]]),
                              listed->score[i] < g->threshold};
}

static int compare_pairs(const void *a, const void *b)
{
    const GenuinePair *x = a, *y = b;
    return (x->quality > y->quality) - (x->quality < y->quality);
}

static double grid(int i)
{
    return i <= 20 ? i / 100.0 : (i - 18) / 10.0;
}

/* The steps of the curve, of which those of the grid are kept; pair[n] is sorted. */
static void walk_curve(Discard *d, const GenuinePair *pair, int64_t n)
{
    int64_t wrong = 0;
    int next = 0;
    for (int64_t i = 0; i < n; i++)
        wrong += pair[i].wrong;
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
            wrong -= pair[after].wrong;
        double until = (double)after / (double)n;
        d->area += p.fnmr * fmax(0, fmin(until, AREA_TO) - p.share) / AREA_TO;
        bool kept = false;
        for (; next < DISCARD_POINTS && (grid(next) < until || after == n); next++)
            kept = kept || grid(next) >= p.share;
        if (kept)
            d->point[d->points++] = p;
    }
}

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
            if (quality[listed->row[i][0]] > above && quality[listed->row[i][1]] > above) {
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

static int set_again(DiscardPoint *p, const Comparison *c, const double *quality, RocRule rule,
                     double far, Pool *pool, Err *err)
{
    RocReading reading = {.far = far};
    RocQuery query = {.rule = rule, .n = 1, .reading = &reading};
    Roc roc;
    Scores *scores = scores_left(c, quality, p->above, err);
    int rc = scores != NULL ? roc_query(&roc, &query, scores, pool, err) : -1;
    if (rc == 0 && reading.rank > 0) {
        p->reset_fnmr = 1 - reading.tar;
        p->reset_threshold = reading.threshold;
    }
    scores_free(scores);
    return rc;
}

int discard_measure(Discard *d, const Comparison *c, const double *quality, float threshold,
                    RocRule rule, double far, Pool *pool, Err *err)
{
    int64_t n = scores_genuine(c->scores);
    Gather g = {.comparison = c, .quality = quality, .threshold = threshold};
    *d = (Discard){0};
    if (n == 0)
        return err_set(err, "%s: no genuine pairs to put aside", c->input);
    g.pair = malloc((size_t)n * sizeof *g.pair);
    int rc = g.pair != NULL ? 0 : err_memory(err, "pairs", (size_t)n * sizeof *g.pair);
    if (rc == 0 && c->list_name == NULL)
        rc = scores_walk_pairs(c->scores, SCORES_GENUINE, pool, gather, &g, err);
    else if (rc == 0)
        gather_listed(&g);
    if (rc == 0) {
        sort_array(g.pair, (size_t)n, sizeof *g.pair, compare_pairs);
        walk_curve(d, g.pair, n);
    }
    free(g.pair);
    for (int i = 0; rc == 0 && i < d->points; i++) {
        d->point[i].reset_fnmr = (double)NAN;
        if (!isnan(far))
            rc = set_again(&d->point[i], c, quality, rule, far, pool, err);
    }
    return rc;
}
