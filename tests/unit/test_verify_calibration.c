/* Calibration: the logistic rule, the isotonic one, Cllr and bins against direct computations. */
#include <math.h>

#include "base/rng_internal.h"
#include "unit.h"
#include "verify/calibration_internal.h"
#include "verify/separation_internal.h"

enum { N = 300 };

static float score[N];
static bool same[N];
static int genuine, impostor;

/* Ties, more impostors than genuine pairs; or scores of another scale, without a tie. */
static void make(bool tied)
{
    Rng rng = rng_at(5, 6, 7, tied);
    genuine = impostor = 0;
    for (int i = 0; i < N; i++) {
        same[i] = i % 5 == 0;
        double x = 0.15 * rng_normal(&rng) + (same[i] ? 0.3 : 0);
        score[i] = tied ? (float)(round(fmin(fmax(x, -0.9), 0.9) * 30) / 30) : (float)(900 + 7 * x);
        same[i] ? genuine++ : impostor++;
    }
}

/* The mean cross-entropy with Platt's targets, and its derivatives by slope and offset. */
static long double platt(const Calibration *c, long double derivative[2])
{
    long double loss = 0;
    derivative[0] = derivative[1] = 0;
    for (int i = 0; i < N; i++) {
        long double s = (long double)score[i],
                    x = (long double)c->slope * s + (long double)c->offset;
        long double t = same[i] ? (genuine + 1.0L) / (genuine + 2.0L) : 1 / (impostor + 2.0L);
        long double n = 2.0L * (same[i] ? genuine : impostor), p = 1 / (1 + expl(-x));
        loss += (log1pl(expl(x)) - t * x) / n;
        derivative[0] += (p - t) * s / n;
        derivative[1] += (p - t) / n;
    }
    return loss;
}

static void check_logistic(const Scores *scores, double bound, Pool *pool)
{
    Calibration c;
    Err err = {0};
    long double derivative[2], beside[2];
    CHECK(calibration_fit(&c, CALIBRATION_LOGISTIC, scores, bound, pool, &err) == 0, "%s",
          err.text);
    long double least = platt(&c, derivative);
    CHECK(fabsl(derivative[0]) < 1e-11L * (long double)bound && fabsl(derivative[1]) < 1e-11L,
          "derivatives %Lg %Lg", derivative[0], derivative[1]);
    Calibration other = c;
    other.slope *= 1.001;
    CHECK(platt(&other, beside) > least, "a steeper one is no better");
    CHECK(calibration_llr(&c, 0.25) == c.slope * 0.25 + c.offset, "its ratio");
}

/* The share of genuine scores at s: the largest over all a <= s of the least over all b >= s of
 * that from a to b (max-min), with one genuine score below all and an impostor above them. */
static double share_at(float s)
{
    double best = 0;
    for (int i = -1; i < N; i++) {
        double from = i < 0 ? -INFINITY : (double)score[i], least = 1;
        if (from > (double)s)
            continue;
        for (int j = -1; j < N; j++) {
            double to = j < 0 ? INFINITY : (double)score[j], n[2] = {j < 0, i < 0};
            if (to < (double)s)
                continue;
            for (int k = 0; k < N; k++)
                n[same[k]] += (double)score[k] >= from && (double)score[k] <= to;
            least = fmin(least, n[1] / (n[0] + n[1]));
        }
        best = fmax(best, least);
    }
    return best;
}

static void check_isotonic(const Scores *scores, double bound, Pool *pool)
{
    Calibration c;
    Err err = {0};
    CHECK(calibration_fit(&c, CALIBRATION_ISOTONIC, scores, bound, pool, &err) == 0, "%s",
          err.text);
    for (int i = 0; i < N; i += 29) {
        double share = share_at(score[i]);
        double llr = log(share / (1 - share) * (impostor + 1.0) / (genuine + 1.0));
        CHECK(fabs(calibration_llr(&c, (double)score[i]) - llr) < 1e-12, "%g: %.15g, not %.15g",
              (double)score[i], calibration_llr(&c, (double)score[i]), llr);
    }
    CHECK(isinf(c.step[0].from) && isfinite(c.step[0].llr) &&
              isfinite(calibration_llr(&c, (double)INFINITY)),
          "no score is certain");
    for (int i = 1; i < c.steps; i++)
        CHECK(c.step[i].from > c.step[i - 1].from && c.step[i].llr > c.step[i - 1].llr, "ascends");
}

static void check_cost(const Scores *scores, Pool *pool)
{
    Calibration c = {.rule = CALIBRATION_LOGISTIC, .slope = 17, .offset = -3.5};
    CalibrationCost cost = {0};
    Err err = {0};
    double bits[2] = {0}, sum[2][CALIBRATION_BINS] = {{0}};
    int64_t count[2][CALIBRATION_BINS] = {{0}};
    for (int i = 0; i < N; i++) {
        double llr = 17 * (double)score[i] - 3.5, p = 1 / (1 + exp(-llr));
        int bin = p < 1 ? (int)(p * CALIBRATION_BINS) : CALIBRATION_BINS - 1;
        bits[same[i]] += log2(1 + exp(same[i] ? -llr : llr)) / (same[i] ? genuine : impostor) / 2;
        count[same[i]][bin]++;
        sum[same[i]][bin] += p;
    }
    CHECK(calibration_cost(&cost, &c, scores, pool, &err) == 0, "%s", err.text);
    CHECK(fabs(calibration_cllr(&cost) - bits[0] - bits[1]) < 1e-11 * (1 + bits[0] + bits[1]),
          "Cllr %.15g, not %.15g", calibration_cllr(&cost), bits[0] + bits[1]);
    for (int i = 0; i < 2 * CALIBRATION_BINS; i++) {
        int k = i / CALIBRATION_BINS, bin = i % CALIBRATION_BINS;
        CHECK(cost.count[k][bin] == count[k][bin] &&
                  fabs(cost.probability[k][bin] - sum[k][bin]) < 1e-9,
              "bin %d of kind %d", bin, k);
    }
}

/* Fails, or stays finite, where scores do not say what is needed. */
static void check_odd(Pool *pool)
{
    static const struct {
        int n;
        float score[6];
        bool same[6];
        bool logistic, isotonic; /* can be fitted */
    } odd[] = {
        {2, {0.5F, 0.5F}, {true, true}, false, false},
        {2, {0.5F, 0.5F}, {true, false}, false, true},
        {4, {0.1F, 0.2F, 0.8F, 0.9F}, {false, false, true, true}, true, true},  /* separated */
        {4, {0.1F, 0.2F, 0.8F, 0.9F}, {true, true, false, false}, false, true}, /* upside down */
        {3, {1000, 1000.0001F, 1000.0002F}, {false, true, true}, true, true},
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        Err err = {0}, other = {0};
        Calibration c;
        Scores *scores = scores_listed(odd[i].score, odd[i].same, odd[i].n, &err);
        int rc = calibration_fit(&c, CALIBRATION_LOGISTIC, scores, 1001, pool, &err);
        CHECK((rc == 0) == odd[i].logistic && (rc == 0 || err.text[0] != '\0'), "logistic %zu", i);
        CHECK(rc != 0 || (isfinite(c.slope) && isfinite(c.offset)), "finite %zu", i);
        rc = calibration_fit(&c, CALIBRATION_ISOTONIC, scores, 1001, pool, &other);
        CHECK((rc == 0) == odd[i].isotonic, "isotonic %zu", i);
        for (int k = 0; rc == 0 && k < c.steps; k++)
            CHECK(isfinite(c.step[k].llr), "finite step %d of %zu", k, i);
        scores_free(scores);
    }
}

int main(void)
{
    Err err = {0};
    Pool *one = pool_new(1, &err), *three = pool_new(3, &err);
    for (int tied = 0; tied < 2; tied++) {
        Calibration a, b;
        double bound = tied ? 1 : 1000;
        make(tied);
        Scores *scores = scores_listed(score, same, N, &err);
        check_logistic(scores, bound, one);
        check_isotonic(scores, bound, three);
        if (tied)
            check_cost(scores, three);
        CHECK(calibration_fit(&a, CALIBRATION_LOGISTIC, scores, bound, one, &err) == 0 &&
                  calibration_fit(&b, CALIBRATION_LOGISTIC, scores, bound, three, &err) == 0 &&
                  a.slope == b.slope && a.offset == b.offset,
              "the same for any number of threads");
        scores_free(scores);
    }
    check_odd(three);
    pool_free(one);
    pool_free(three);
    return END_TESTS();
}
