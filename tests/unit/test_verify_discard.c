/* Error against discard, by both rules and with its area, against direct counts. */
#include <cblas.h>
#include <math.h>

#include "base/rng_internal.h"
#include "scores/cosine.h"
#include "unit.h"
#include "verify/discard_internal.h"

enum { PEOPLE = 14, EACH = 4, N = PEOPLE * EACH, D = 5 };

static float embedding[N * D];
static int64_t label[N];
static double quality[N];
static float score[N][N];

/* Low quality is more noise; few levels, so that many tie, or as many as faces. */
static void make(bool tied)
{
    const EmbeddingRows rows = {.n = N, .d = D, .embedding = embedding, .label = label};
    Err err = {0};
    for (int i = 0; i < N; i++) {
        Rng person = rng_at(1, (uint64_t)(i / EACH), 0, 0), own = rng_at(2, (uint64_t)i, 0, 0);
        label[i] = i / EACH;
        quality[i] = tied ? floor(5 * rng_unit(&own)) : rng_unit(&own) - 0.5;
        for (int k = 0; k < D; k++)
            embedding[i * D + k] =
                (float)(rng_normal(&person) + rng_normal(&own) * (tied ? 0.5 : 0.9));
    }
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j < N; j++) {
            int64_t pair[1][2] = {{i, j}};
            cosine_pairs(&score[i][j], &rows, (const int64_t(*)[2])pair, 1, &err);
        }
}

/* Genuine pairs of a higher quality, and those of them below the threshold. */
static void count(double above, float threshold, int64_t *pairs, int64_t *wrong)
{
    *pairs = *wrong = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < i; j++)
            if (label[i] == label[j] && fmin(quality[i], quality[j]) > above) {
                ++*pairs;
                *wrong += score[i][j] < threshold;
            }
}

/* The k-th largest impostor of a higher quality, k the rounded share `far` of them. */
static float reset(double above, double far)
{
    int64_t n = 0, k, more;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < i; j++)
            n += label[i] != label[j] && fmin(quality[i], quality[j]) > above;
    k = llround(far * (double)n);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < i; j++) {
            if (label[i] == label[j] || fmin(quality[i], quality[j]) <= above)
                continue;
            more = 0;
            for (int a = 0; a < N; a++)
                for (int b = 0; b < a; b++)
                    more += label[a] != label[b] && fmin(quality[a], quality[b]) > above &&
                            score[a][b] > score[i][j];
            if (more == k - 1)
                return score[i][j];
        }
    return 2;
}

/* The mean of FNMR up to 20 %: level by level. */
static double area(float threshold)
{
    double sum = 0, above = -(double)INFINITY;
    int64_t all, pairs, wrong;
    count(above, threshold, &all, &wrong);
    for (pairs = all; pairs > 0;) {
        double from = (double)(all - pairs) / (double)all, fnmr = (double)wrong / (double)pairs;
        double next = INFINITY;
        for (int i = 0; i < N; i++)
            next = quality[i] > above ? fmin(next, quality[i]) : next;
        above = next;
        count(above, threshold, &pairs, &wrong);
        double to = (double)(all - pairs) / (double)all;
        if (from < 0.2)
            sum += fnmr * (fmin(to, 0.2) - from) / 0.2;
    }
    return sum;
}

/* Impostors kept at hand from any score on change nothing. */
static void check_kept(const Comparison *c, Pool *pool)
{
    static const float from[] = {-2, 0, 0.3F, 0.6F, 0.9F};
    static const double far[] = {0.002, 0.02, 0.3};
    Err err = {0};
    Discard want, got;
    for (RocRule rule = ROC_BLUFR; rule <= ROC_DROPPED; rule++)
        for (int f = 0; f < 3; f++) {
            int rc = discard_measure(&want, c, quality, 0.5F, rule, far[f], INFINITY, pool, &err);
            for (int k = 0; rc == 0 && k < 5; k++) {
                rc = discard_measure(&got, c, quality, 0.5F, rule, far[f], from[k], pool, &err);
                bool same = rc == 0 && got.points == want.points && got.area == want.area;
                for (int i = 0; same && i < want.points; i++) {
                    const DiscardPoint *a = &got.point[i], *b = &want.point[i];
                    same = a->reset_threshold == b->reset_threshold && a->wrong == b->wrong &&
                           (a->reset_fnmr == b->reset_fnmr ||
                            (isnan(a->reset_fnmr) && isnan(b->reset_fnmr)));
                }
                CHECK(same, "%s at %g, kept from %g", roc_rule_name(rule), far[f], (double)from[k]);
            }
        }
}

static void check(bool tied, Pool *pool)
{
    const float threshold = 0.6f;
    const double far = 0.02;
    Err err = {0};
    Discard d;
    make(tied);
    Comparison c = {.input = "memory",
                    .rows = N,
                    .embeddings = {.rows = {.n = N, .d = D, .embedding = embedding, .label = label},
                                   .label = label,
                                   .has_labels = true}};
    c.scores = scores_all_pairs(&c.embeddings.rows, &err);
    CHECK(discard_measure(&d, &c, quality, threshold, ROC_BLUFR, far, INFINITY, pool, &err) == 0,
          "%s", err.text);
    CHECK(d.points > (tied ? 1 : 5) && d.point[0].share == 0, "%d points", d.points);
    for (int i = 0; i < d.points; i++) {
        const DiscardPoint *p = &d.point[i];
        int64_t pairs, wrong, kept, missed;
        count(p->above, threshold, &pairs, &wrong);
        CHECK(p->pairs == pairs && p->wrong == wrong && p->fnmr == (double)wrong / (double)pairs &&
                  p->share == (double)(d.point[0].pairs - pairs) / (double)d.point[0].pairs,
              "%g: %lld of %lld", p->share, (long long)p->wrong, (long long)p->pairs);
        float again = reset(p->above, far);
        count(p->above, again, &kept, &missed);
        CHECK(fabsf(p->reset_threshold - again) < 1e-6f &&
                  fabs(p->reset_fnmr - (double)missed / (double)kept) < 1e-12,
              "set again at %g: %g", (double)p->reset_threshold, p->reset_fnmr);
    }
    CHECK(fabs(d.area - area(threshold)) < 1e-12, "area %.15g", d.area);
    double ideal = 0, first = d.point[0].fnmr;
    for (int i = 0; i < 100000; i++) {
        double share = 0.2 * (i + 0.5) / 100000;
        ideal += fmax(0, (first - share) / (1 - share)) / 100000;
    }
    CHECK(fabs(d.ideal - ideal) < 1e-8, "ideal %.12g, not %.12g", d.ideal, ideal);
    check_kept(&c, pool);
    scores_free(c.scores);
}

int main(void)
{
    Err err = {0};
    Pool *pool = pool_new(3, &err);
    openblas_set_num_threads(1);
    check(false, pool);
    check(true, pool);
    pool_free(pool);
    return END_TESTS();
}
