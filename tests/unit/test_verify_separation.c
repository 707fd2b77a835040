/* Separation, levels and intervals of Clopper and Pearson against direct counts and sums. */
#include <math.h>

#include "base/rng_internal.h"
#include "unit.h"
#include "verify/binomial_internal.h"
#include "verify/separation_internal.h"

enum { N = 1200, STEPS = 40 };

static float score[N];
static bool same[N];

/* Few different scores, so that most tie; the lowest and the highest are impostors. */
static void make(void)
{
    Rng rng = rng_at(1, 2, 3, 4);
    for (int i = 0; i < N; i++) {
        same[i] = i % 7 == 0;
        double x = 0.15 * rng_normal(&rng) + (same[i] ? 0.3 : 0);
        score[i] = (float)(floor(fmin(fmax(x, -0.9), 0.9) * STEPS) / STEPS);
    }
    score[1] = -1;
    score[2] = 1;
}

static int64_t count(bool kind, double low, double high)
{
    int64_t n = 0;
    for (int i = 0; i < N; i++)
        n += same[i] == kind && (double)score[i] >= low && (double)score[i] < high;
    return n;
}

static void check_levels(const Separation *s)
{
    CHECK(s->genuine == count(true, -2, 2) && s->impostor == count(false, -2, 2), "counts");
    for (int64_t i = 0; i < s->levels; i++) {
        double at = (double)s->score[i];
        CHECK(i == 0 || s->score[i] > s->score[i - 1], "levels ascend");
        CHECK(s->genuine_below[i] == count(true, -2, at) &&
                  s->genuine_below[i + 1] > s->genuine_below[i] &&
                  s->impostor_from[i] == count(false, at, 2),
              "level %lld: %lld below, %lld from it", (long long)i, (long long)s->genuine_below[i],
              (long long)s->impostor_from[i]);
    }
    CHECK(s->genuine_below[s->levels] == s->genuine && s->impostor_from[s->levels] == 0, "ends");
}

static double hter_at(double at)
{
    return (double)count(false, at, 2) / (double)count(false, -2, 2) / 2 +
           (double)count(true, -2, at) / (double)count(true, -2, 2) / 2;
}

/* No score as a threshold is better than the one found, and none that is as good is higher. */
static void check_least(const Separation *s)
{
    int64_t best = separation_least_hter(s);
    double at = (double)s->score[best], least = hter_at(at);
    for (int i = 0; i < N; i++) {
        double other = hter_at((double)score[i]);
        CHECK(other > least - 1e-15 && (other > least + 1e-15 || (double)score[i] <= at),
              "HTER %.17g at %g, not %.17g at %g", other, (double)score[i], least, at);
    }
    for (int64_t most = 0; most < 30; most++) {
        int64_t level = separation_accepting(s, most);
        CHECK((level == s->levels || s->impostor_from[level] <= most) &&
                  (level == 0 || s->impostor_from[level - 1] > most),
              "at most %lld impostors", (long long)most);
    }
}

/* No score as a threshold costs less than the one found, nor does accepting nobody. */
static void check_weighted(const Separation *s)
{
    for (int w = 0; w <= 20; w++) {
        int64_t best = separation_least(s, w, 20 - w);
        int64_t genuine = count(true, -2, 2), impostor = count(false, -2, 2), least = INT64_MAX;
        int64_t both = INT64_MAX; /* of those that cost as much */
        for (int i = 0; i <= N; i++) {
            double at = i < N ? (double)score[i] : 1.5;
            int64_t fmr = genuine * count(false, at, 2), fnmr = impostor * count(true, -2, at);
            int64_t cost = w * fmr + (20 - w) * fnmr;
            if (cost < least || (cost == least && fmr + fnmr < both))
                both = fmr + fnmr;
            least = cost < least ? cost : least;
        }
        int64_t fmr = genuine * s->impostor_from[best], fnmr = impostor * s->genuine_below[best];
        CHECK(w * fmr + (20 - w) * fnmr == least && fmr + fnmr == both, "weight %d of FMR", w);
    }
}

static void check_moments(const Separation *s)
{
    double sum[2] = {0}, square[2] = {0}, n[2] = {0};
    for (int i = 0; i < N; i++)
        n[same[i]]++, sum[same[i]] += (double)score[i];
    for (int i = 0; i < N; i++)
        square[same[i]] += pow((double)score[i] - sum[same[i]] / n[same[i]], 2);
    for (int kind = 0; kind < 2; kind++)
        CHECK(fabs(s->mean[kind] - sum[kind] / n[kind]) < 1e-11 &&
                  fabs(s->spread[kind] - sqrt(square[kind] / n[kind])) < 1e-10,
              "mean %.15g, deviation %.15g", s->mean[kind], s->spread[kind]);
    double d = (sum[1] / n[1] - sum[0] / n[0]) / sqrt((square[0] / n[0] + square[1] / n[1]) / 2);
    CHECK(fabs(separation_d_prime(s) - d) < 1e-9, "d' %.15g", separation_d_prime(s));
}

/* The isotonic regression at score i, by its min-max formula over all different scores. */
static double isotonic(double at)
{
    static double value[N];
    int n = 0;
    double most = 0;
    for (int i = 0; i < N; i++) {
        bool seen = false;
        for (int j = 0; j < n && !seen; j++)
            seen = value[j] == (double)score[i];
        if (!seen)
            value[n++] = (double)score[i];
    }
    for (int i = 0; i < n; i++) {
        double least = 1;
        for (int j = 0; j < n && value[i] <= at; j++)
            if (value[j] >= at) {
                double next = nextafter(value[j], 2), g = (double)count(true, value[i], next);
                least = fmin(least, g / (g + (double)count(false, value[i], next)));
            }
        if (value[i] <= at)
            most = fmax(most, least);
    }
    return most;
}

static void check_min_cllr(const Separation *s)
{
    static double p[N];
    Err err = {0};
    double cost[2] = {0}, odds = (double)s->genuine / (double)s->impostor, cllr;
    for (int i = 0; i < N; i++) {
        int same_score = 0;
        while (same_score < i && score[same_score] != score[i])
            same_score++;
        p[i] = same_score < i ? p[same_score] : isotonic((double)score[i]);
        double ratio = p[i] / (1 - p[i]) / odds;
        cost[same[i]] += same[i] ? log2(1 + 1 / ratio) : log2(1 + ratio);
    }
    double expected = (cost[1] / (double)s->genuine + cost[0] / (double)s->impostor) / 2;
    CHECK(separation_min_cllr(&cllr, s, &err) == 0 && fabs(cllr - expected) < 1e-12,
          "min-Cllr %.15g, not %.15g", cllr, expected);
    CHECK(cllr > 0.1 && cllr < 0.9, "scores that say something: %g", cllr);
}

static void test_separation(void)
{
    Err err = {0};
    Separation s, again;
    Scores *scores = scores_listed(score, same, N, &err);
    Pool *one = pool_new(1, &err), *three = pool_new(3, &err);
    CHECK(separation_measure(&s, scores, 1, one, &err) == 0, "measured %s", err.text);
    separation_measure(&again, scores, 1, three, &err);
    CHECK(s.mean[0] == again.mean[0] && s.spread[1] == again.spread[1], "threads");
    check_levels(&s);
    check_levels(&again);
    check_least(&s);
    check_weighted(&s);
    check_moments(&s);
    check_min_cllr(&s);
    separation_release(&s);
    separation_release(&again);
    scores_free(scores);
    /* Without pairs of one kind */
    for (int kind = 0; kind < 2; kind++) {
        bool all[3] = {kind == 1, kind == 1, kind == 1};
        scores = scores_listed(score, all, 3, &err);
        CHECK(separation_measure(&s, scores, 1, one, &err) == 0, "one kind: %s", err.text);
        CHECK(separation_least_hter(&s) == -1 && isnan(separation_d_prime(&s)), "one kind");
        separation_release(&s);
        scores_free(scores);
    }
    pool_free(one);
    pool_free(three);
}

/* P(at least k of n) at share p, term by term */
static double at_least(int k, int n, double p)
{
    double sum = 0;
    for (int i = k; i <= n; i++)
        sum += exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * log(p) +
                   (n - i) * log1p(-p));
    return sum;
}

static void test_binomial(void)
{
    const int cases[][2] = {{1, 2},     {1, 10},   {9, 10},    {26, 3040},
                            {119, 120}, {1, 5000}, {900, 2000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int k = cases[i][0], n = cases[i][1];
        Interval ends = binomial_interval(k, n);
        CHECK(fabs(at_least(k, n, ends.low) - 0.025) < 1e-10 &&
                  fabs(1 - at_least(k + 1, n, ends.high) - 0.025) < 1e-10,
              "%d of %d: %.15g .. %.15g", k, n, ends.low, ends.high);
    }
    Interval none = binomial_interval(0, 100), all = binomial_interval(100, 100);
    CHECK(none.low == 0 && fabs(pow(1 - none.high, 100) - 0.025) < 1e-14, "none of 100");
    CHECK(all.high == 1 && fabs(pow(all.low, 100) - 0.025) < 1e-14, "all of 100");
    CHECK(isnan(binomial_interval(0, 0).low), "of no pairs");
    /* Large counts are near Poisson's: 3 seen, 0.6186721 to 8.7672730 (Garwood, 1936) */
    Interval rare = binomial_interval(3, 9500000000);
    CHECK(fabs(rare.low * 9.5e9 - 0.61867212) < 1e-6 && fabs(rare.high * 9.5e9 - 8.76727307) < 1e-6,
          "3 of 9.5e9: %.12g .. %.12g", rare.low * 9.5e9, rare.high * 9.5e9);
    CHECK(binomial_rule_of_three(300) == 0.01 && binomial_rule_of_three(1) == 1, "rule of 3");
}

static void test_threshold(void)
{
    CHECK(error_rates_threshold(0.5) == 0.5f, "a float is itself");
    for (double t = -1; t <= 1; t += 0.01) {
        float f = error_rates_threshold(t);
        CHECK((double)f >= t && (double)nextafterf(f, -2) < t, "%.17g: %.9g", t, (double)f);
    }
}

int main(void)
{
    make();
    test_separation();
    test_binomial();
    test_threshold();
    return END_TESTS();
}
