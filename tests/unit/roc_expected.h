/* What is expected of scores, ROC, EER and AUC, by brute force over all scores. */
#ifndef ROC_EXPECTED_H
#define ROC_EXPECTED_H

#include "unit.h"
#include "verify/roc.h"

/* What is expected, from the scores themselves. */
typedef struct Expected {
    float *genuine, *impostor; /* each sorted, largest first */
    int64_t genuines, impostors;
} Expected;

static int compare_down(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

/* One worker only: the order does not matter, the pool has one thread. */
static void collect(void *arg, int worker, const float *score, int64_t n, bool genuine)
{
    Expected *e = arg;
    (void)worker;
    float *to = genuine ? e->genuine + e->genuines : e->impostor + e->impostors;
    memcpy(to, score, (size_t)n * sizeof *to);
    *(genuine ? &e->genuines : &e->impostors) += n;
}

static Expected expect(const Scores *scores)
{
    Err err = {0};
    Expected e = {calloc((size_t)scores_genuine(scores) + 1, sizeof(float)),
                  calloc((size_t)scores_impostor(scores) + 1, sizeof(float)), 0, 0};
    Pool *pool = pool_new(1, &err);
    scores_walk(scores, SCORES_ALL, pool, collect, &e, &err);
    pool_free(pool);
    qsort(e.genuine, (size_t)e.genuines, sizeof(float), compare_down);
    qsort(e.impostor, (size_t)e.impostors, sizeof(float), compare_down);
    return e;
}

static void expected_free(Expected *e)
{
    free(e->genuine);
    free(e->impostor);
}

static int64_t at_least(const float *score, int64_t n, float threshold)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        count += score[i] >= threshold;
    return count;
}

static double expected_auc(const Expected *e)
{
    double wins = 0;
    int64_t above = 0, at = 0; /* genuine scores above the impostor, and at or above it */
    for (int64_t j = 0; j < e->impostors; j++) {
        while (above < e->genuines && e->genuine[above] > e->impostor[j])
            above++;
        while (at < e->genuines && e->genuine[at] >= e->impostor[j])
            at++;
        wins += (double)above + 0.5 * (double)(at - above);
    }
    return wins / ((double)e->genuines * (double)e->impostors);
}

/* Along the ROC from (0,0): where the line through neighbouring vertices crosses FAR = FRR. */
static double expected_eer(const Expected *e)
{
    double far0 = 0, frr0 = 1;
    int64_t i = 0, j = 0;
    while (i < e->genuines || j < e->impostors) {
        float top =
            fmaxf(i < e->genuines ? e->genuine[i] : -2, j < e->impostors ? e->impostor[j] : -2);
        for (; i < e->genuines && e->genuine[i] == top; i++)
            ;
        for (; j < e->impostors && e->impostor[j] == top; j++)
            ;
        double far = (double)j / (double)e->impostors, frr = 1 - (double)i / (double)e->genuines;
        if (far >= frr) {
            double s = (frr0 - far0) / ((frr0 - far0) + (far - frr));
            return far0 + s * (far - far0);
        }
        far0 = far;
        frr0 = frr;
    }
    return NAN;
}

/* A point of the ROC, as scikit-learn has it: all scores at or above the threshold. */
typedef struct Point {
    int64_t impostors, genuine;
    float threshold;
} Point;

/* point[n] from (0, 0) on, all of them; returns n. */
static int64_t expected_points(Point *point, const Expected *e)
{
    int64_t i = 0, j = 0, n = 1;
    point[0] = (Point){0, 0, INFINITY};
    while (i < e->genuines || j < e->impostors) {
        float top =
            fmaxf(i < e->genuines ? e->genuine[i] : -9, j < e->impostors ? e->impostor[j] : -9);
        for (; i < e->genuines && e->genuine[i] == top; i++)
            ;
        for (; j < e->impostors && e->impostor[j] == top; j++)
            ;
        point[n++] = (Point){j, i, top};
    }
    return n;
}

/* drop_intermediate=True: without points 2 .. n - 2 at which both second differences are zero. */
static int64_t drop_points(Point *point, int64_t n)
{
    int64_t kept = 2;
    Point before = point[1];
    for (int64_t i = 2; i < n; i++) {
        Point at = point[i], next = i + 1 < n ? point[i + 1] : at;
        if (i + 1 == n || next.impostors - 2 * at.impostors + before.impostors != 0 ||
            next.genuine - 2 * at.genuine + before.genuine != 0)
            point[kept++] = at;
        before = at;
    }
    return kept < n ? kept : n;
}

/* The last of the nearest to this FAR. */
static Point expected_nearest(const Expected *e, double far, bool drop)
{
    Point *point = malloc((size_t)(e->genuines + e->impostors + 1) * sizeof *point);
    int64_t n = expected_points(point, e), best = 0;
    n = drop ? drop_points(point, n) : n;
    double impostors = (double)e->impostors;
    for (int64_t i = 0; i < n; i++)
        if (fabs((double)point[i].impostors / impostors - far) <=
            fabs((double)point[best].impostors / impostors - far))
            best = i;
    Point at = point[best];
    free(point);
    return at;
}

static double bin_edge(int bin)
{
    return -1 + 2.0 * bin / ROC_BINS;
}

/* above[k]: the scores in bin k and higher ones. */
static void expected_bins(int64_t above[ROC_BINS + 1], const float *score, int64_t n)
{
    memset(above, 0, (ROC_BINS + 1) * sizeof *above);
    for (int64_t i = 0; i < n; i++) {
        int bin = (int)(((double)score[i] + 1) / 2 * ROC_BINS);
        bin = bin < 0 ? 0 : bin >= ROC_BINS ? ROC_BINS - 1 : bin;
        while (bin > 0 && bin_edge(bin) > (double)score[i])
            bin--;
        while (bin + 1 < ROC_BINS && bin_edge(bin + 1) <= (double)score[i])
            bin++;
        above[bin]++;
    }
    for (int bin = ROC_BINS - 1; bin >= 0; bin--)
        above[bin] += above[bin + 1];
}

static double expected_histogram(const Expected *e, double far)
{
    static int64_t impostor[ROC_BINS + 1], genuine[ROC_BINS + 1];
    expected_bins(impostor, e->impostor, e->impostors);
    expected_bins(genuine, e->genuine, e->genuines);
    int bin = ROC_BINS;
    while ((double)impostor[bin] / (double)e->impostors < far)
        bin--;
    double low = (double)impostor[bin] / (double)e->impostors;
    double high = (double)impostor[bin + 1] / (double)e->impostors,
           part = (far - high) / (low - high);
    return ((double)genuine[bin + 1] + part * (double)(genuine[bin] - genuine[bin + 1])) /
           (double)e->genuines;
}

static bool nearest_right(const Expected *e, const RocReading *r, bool drop)
{
    Point at = expected_nearest(e, r->far, drop);
    return r->accepted == at.impostors && r->accepted_genuine == at.genuine &&
           fabs(r->tar - (double)at.genuine / (double)e->genuines) < 1e-12 &&
           (isinf(at.threshold) ? r->above : !r->above && r->threshold == at.threshold);
}

static bool conservative_right(const Expected *e, const RocReading *r)
{
    double k = floor(r->far * (double)e->impostors * (1 + 1e-15));
    if (k >= (double)e->impostors)
        return r->tar == 1;
    float above = nextafterf(e->impostor[(int64_t)k], 3);
    return r->tar == (double)at_least(e->genuine, e->genuines, above) / (double)e->genuines;
}

static bool blufr_right(const Expected *e, const RocReading *r)
{
    float threshold = e->impostor[llround(r->far * (double)e->impostors) - 1];
    return r->threshold == threshold &&
           r->tar == (double)at_least(e->genuine, e->genuines, threshold) / (double)e->genuines;
}

static bool reading_right(RocRule rule, const Expected *e, const RocReading *r)
{
    if (rule == ROC_BLUFR)
        return blufr_right(e, r);
    if (rule == ROC_CONSERVATIVE)
        return conservative_right(e, r);
    if (rule == ROC_HISTOGRAM)
        return fabs(r->tar - expected_histogram(e, r->far)) < 1e-12;
    return nearest_right(e, r, rule == ROC_DROPPED);
}

static void check_readings(const Scores *scores, const Expected *e, Pool *pool, const char *what)
{
    static const double far[] = {1, 0.5, 0.3, 0.1, 0.033, 0.01, 0.0047, 0.001};
    enum { FARS = sizeof far / sizeof *far };
    for (int rule = ROC_BLUFR; rule <= ROC_HISTOGRAM && e->genuines > 0; rule++) {
        Err err = {0};
        Roc roc;
        RocReading reading[FARS] = {{0}};
        RocQuery query = {.rule = (RocRule)rule, .n = FARS, .reading = reading};
        for (int i = 0; i < FARS; i++)
            reading[i].far = far[i];
        bool right = roc_query(&roc, &query, scores, pool, &err) == 0;
        for (int i = 0; right && i < FARS; i++)
            if (far[i] * (double)e->impostors < 1 - 1e-9)
                right = reading[i].rank == 0 && isnan(reading[i].tar);
            else
                right = reading_right((RocRule)rule, e, &reading[i]);
        CHECK(right, "%s: readings, %s", what, roc_rule_name((RocRule)rule));
    }
}

static void check_scores(const Scores *scores, const char *what)
{
    Err err = {0};
    Expected e = expect(scores);
    Pool *pool = pool_new(2, &err);
    int64_t rank[ROC_CURVE_MAX];
    RocVertex vertex[ROC_CURVE_MAX];
    Roc roc;
    int n = roc_curve_ranks(rank, scores_impostor(scores));
    bool right = roc_measure(&roc, vertex, rank, n, scores, pool, &err) == 0 &&
                 roc.genuine == e.genuines && roc.impostor == e.impostors;
    for (int i = 0; right && i < n; i++) {
        float threshold = e.impostor[rank[i] - 1];
        float above = nextafterf(threshold, 3);
        const RocVertex *v = &vertex[i];
        right = v->threshold == threshold &&
                v->impostor_at_least == at_least(e.impostor, e.impostors, threshold) &&
                v->impostor_above == at_least(e.impostor, e.impostors, above) &&
                v->genuine_at_least == at_least(e.genuine, e.genuines, threshold) &&
                v->genuine_above == at_least(e.genuine, e.genuines, above);
    }
    CHECK(right, "%s: thresholds and counts at %d ranks", what, n);
    if (e.genuines > 0 && e.impostors > 0) {
        CHECK_CLOSE(roc.auc, expected_auc(&e), 1e-12, what);
        CHECK_CLOSE(roc.eer, expected_eer(&e), 1e-12, what);
    } else {
        CHECK(isnan(roc.auc) && isnan(roc.eer), "%s: no AUC, no EER", what);
    }
    check_readings(scores, &e, pool, what);
    pool_free(pool);
    expected_free(&e);
}

#endif
