/* verify/insightface, verify/facexzoo: accuracy and VAL@FAR over folds, against the rules spelt out
 */
#include "base/rng_internal.h"
#include "unit.h"
#include "verify/facexzoo_internal.h"
#include "verify/insightface_internal.h"

/* The rules spelt out, threshold by threshold. */
static double plain_insightface(const FoldScores *s, int k)
{
    int64_t best = -1, right = 0, pairs = 0;
    double threshold = 0;
    for (int step = 0; step < 400; step++) {
        int64_t correct = 0;
        for (int64_t i = 0; i < s->n; i++)
            correct += s->fold[i] != k && (2 - 2 * (double)s->score[i] < step * 0.01) == s->same[i];
        if (correct > best) {
            best = correct;
            threshold = step * 0.01;
        }
    }
    for (int64_t i = 0; i < s->n; i++) {
        pairs += s->fold[i] == k;
        right += s->fold[i] == k && (2 - 2 * (double)s->score[i] < threshold) == s->same[i];
    }
    return (double)right / (double)pairs;
}

static double plain_facexzoo(const FoldScores *s, int k)
{
    float least = 9, largest = -9;
    double best = -9, threshold = 0;
    int64_t right = 0, pairs = 0;
    for (int64_t i = 0; i < s->n; i++) {
        if (s->fold[i] == k)
            continue;
        least = fminf(least, s->score[i]);
        largest = fmaxf(largest, s->score[i]);
    }
    for (int step = 1; step <= 1000; step++) {
        double at = least + (double)(largest - least) / 1000 * step, n[2] = {0}, yes[2] = {0};
        for (int64_t i = 0; i < s->n; i++) {
            n[s->same[i]] += s->fold[i] != k;
            yes[s->same[i]] += s->fold[i] != k && s->score[i] > at;
        }
        if (yes[1] / n[1] - yes[0] / n[0] > best) {
            best = yes[1] / n[1] - yes[0] / n[0];
            threshold = at;
        }
    }
    for (int64_t i = 0; i < s->n; i++) {
        pairs += s->fold[i] == k;
        right +=
            s->fold[i] == k && (s->same[i] ? s->score[i] > threshold : s->score[i] < threshold);
    }
    return (double)right / (double)pairs;
}

/* Scores of a thousand steps, at which FaceX-Zoo's thresholds fall: a step of the last bit of a
 * float decides which of them are below, as NumPy 1 decided (a threshold and an accuracy of its).
 */
static void test_facexzoo_ties(void)
{
    enum { N = 1001 };
    static float score[N];
    static bool same[N];
    static int fold[N];
    for (int i = 0; i < N; i++) {
        score[i] = (float)i / 1000;
        same[i] = (i * 7919) % 1000 < i;
        fold[i] = i % 2;
    }
    FoldScores s = {.score = score, .same = same, .fold = fold, .n = N, .folds = 2};
    FoldAccuracy out[2];
    facexzoo_accuracy(out, &s);
    for (int k = 0; k < 2; k++)
        CHECK_CLOSE(out[k].accuracy, plain_facexzoo(&s, k), 0, "tied scores");
    /* with a step in float it would be 0.46307401498779655 */
    CHECK_CLOSE(out[0].threshold, 0.4630740119693801, 1e-14, "the threshold of double steps");
    CHECK_CLOSE(out[0].accuracy, 376 / 501.0, 1e-12, "and the accuracy there");
}

static void test_folds(void)
{
    enum { M = 900, FOLDS = 5 };
    float score[M];
    bool same[M];
    int fold[M];
    FoldAccuracy ours[2][FOLDS];
    FoldScores s = {.n = M, .score = score, .same = same, .fold = fold, .folds = FOLDS};
    for (int i = 0; i < M; i++) {
        Rng rng = rng_at(6, (uint64_t)i, 0, 0);
        fold[i] = i / (M / FOLDS);
        same[i] = i / 90 % 2 == 0;
        /* multiples of 0.005 fall on InsightFace's thresholds */
        score[i] = (float)(round((rng_normal(&rng) * 0.2 + (same[i] ? 0.4 : 0)) * 200) / 200);
    }
    Accuracy insightface = insightface_accuracy(ours[0], &s);
    Accuracy facexzoo = facexzoo_accuracy(ours[1], &s);
    double a[2] = {0}, squares[2] = {0};
    for (int k = 0; k < FOLDS; k++) {
        CHECK_CLOSE(ours[0][k].accuracy, plain_insightface(&s, k), 0, "InsightFace's rule");
        CHECK_CLOSE(ours[1][k].accuracy, plain_facexzoo(&s, k), 0, "FaceX-Zoo's rule");
        for (int rule = 0; rule < 2; rule++)
            a[rule] += ours[rule][k].accuracy / FOLDS;
    }
    for (int k = 0; k < FOLDS; k++)
        for (int rule = 0; rule < 2; rule++)
            squares[rule] += pow(ours[rule][k].accuracy - a[rule], 2);
    CHECK_CLOSE(insightface.mean, a[0], 1e-12, "mean");
    CHECK_CLOSE(insightface.spread, sqrt(squares[0] / FOLDS), 1e-9, "population deviation");
    CHECK_CLOSE(facexzoo.mean, a[1], 1e-12, "mean");
    CHECK_CLOSE(facexzoo.spread, sqrt(squares[1] / (FOLDS - 1) / FOLDS), 1e-9, "standard error");
    s.folds = FOLDS + 1;
    FoldAccuracy more[FOLDS + 1];
    CHECK(insightface_accuracy(more, &s).folds == FOLDS &&
              facexzoo_accuracy(more, &s).folds == FOLDS && isnan(more[FOLDS].accuracy) &&
              more[FOLDS].pairs == 0,
          "an empty fold has no accuracy and does not count");
    memset(fold, 0, sizeof fold);
    s.folds = 1;
    CHECK(isnan(insightface_accuracy(more, &s).mean) && isnan(facexzoo_accuracy(more, &s).mean),
          "one fold: nothing to choose a threshold on");
}

/* The rates of fold k, or of all the others, at a threshold. */
static void plain_rates(double rate[2], const FoldScores *s, int k, bool others, double threshold)
{
    double n[2] = {0}, accepted[2] = {0};
    for (int64_t i = 0; i < s->n; i++) {
        if ((s->fold[i] == k) == others)
            continue;
        n[s->same[i]]++;
        accepted[s->same[i]] += 2 - 2 * (double)s->score[i] < threshold;
    }
    rate[0] = accepted[0] / n[0];
    rate[1] = accepted[1] / n[1];
}

static double plain_val_threshold(const FoldScores *s, int k, double far)
{
    double before[2], at[2];
    plain_rates(before, s, k, true, 0);
    for (int step = 1; step < 4000; step++) {
        plain_rates(at, s, k, true, step * 0.001);
        if (at[0] >= far)
            return (step - 1) * 0.001 + (far - before[0]) / (at[0] - before[0]) * 0.001;
        memcpy(before, at, sizeof before);
    }
    return 0;
}

static void test_val(void)
{
    enum { M = 1200, FOLDS = 4 };
    float score[M];
    bool same[M];
    int fold[M];
    FoldValidation ours[FOLDS];
    FoldScores s = {.n = M, .score = score, .same = same, .fold = fold, .folds = FOLDS};
    for (int i = 0; i < M; i++) {
        Rng rng = rng_at(11, (uint64_t)i, 0, 0);
        fold[i] = i / (M / FOLDS);
        same[i] = i % 2 == 0;
        /* multiples of 0.0005 fall on thresholds */
        score[i] = (float)(round((rng_normal(&rng) * 0.1 + (same[i] ? 0.3 : 0)) * 2000) / 2000);
    }
    Validation val = insightface_validation(ours, &s, 0.01);
    double mean[2] = {0}, squares = 0, rate[2];
    for (int k = 0; k < FOLDS; k++) {
        double threshold = plain_val_threshold(&s, k, 0.01);
        plain_rates(rate, &s, k, false, ours[k].threshold);
        CHECK_CLOSE(ours[k].threshold, threshold, 1e-12, "VAL@FAR: a fold's threshold");
        CHECK(ours[k].far == rate[0] && ours[k].rate == rate[1], "and its rates");
        for (int i = 0; i < 2; i++)
            mean[i] += rate[i] / FOLDS;
    }
    for (int k = 0; k < FOLDS; k++)
        squares += pow(ours[k].rate - mean[1], 2);
    CHECK_CLOSE(val.mean, mean[1], 1e-12, "VAL@FAR: mean");
    CHECK_CLOSE(val.far, mean[0], 1e-12, "FAR measured");
    CHECK_CLOSE(val.spread, sqrt(squares / FOLDS), 1e-9, "population deviation");
    for (int i = 0; i < M; i++)
        score[i] = same[i] ? 0.9f : -1.f;
    CHECK(insightface_validation(ours, &s, 0.01).mean == 0 && ours[0].threshold == 0,
          "a FAR that is never reached: threshold 0");
    for (int i = 0; i < M; i++)
        score[i] = 1;
    val = insightface_validation(ours, &s, 0.01);
    CHECK(val.folds == FOLDS && fabs(ours[0].threshold - 1e-5) < 1e-15 && val.mean == 1,
          "one step from no impostor to all: on the line between them");
    memset(same, 0, sizeof same);
    CHECK(isnan(insightface_validation(ours, &s, 0.01).mean), "no genuine pair: no rate");
}

int main(void)
{
    test_folds();
    test_facexzoo_ties();
    test_val();
    return END_TESTS();
}
