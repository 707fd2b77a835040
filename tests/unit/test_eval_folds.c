/* eval/folds: accuracy by both rules, against the rules spelt out */
#include "base/rng.h"
#include "eval/folds.h"
#include "unit.h"

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
        double at = least + (double)((largest - least) / 1000) * step, n[2] = {0}, yes[2] = {0};
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

static void test_folds(void)
{
    enum { M = 900, FOLDS = 5 };
    float score[M];
    bool same[M];
    int fold[M];
    Fold ours[2][FOLDS];
    FoldScores s = {M, score, same, fold, FOLDS};
    for (int i = 0; i < M; i++) {
        Rng rng = rng_at(6, (uint64_t)i, 0, 0);
        fold[i] = i / (M / FOLDS);
        same[i] = i / 90 % 2 == 0;
        /* multiples of 0.005 fall on InsightFace's thresholds */
        score[i] = (float)(round((rng_normal(&rng) * 0.2 + (same[i] ? 0.4 : 0)) * 200) / 200);
    }
    Accuracy insightface = folds_insightface(ours[0], &s);
    Accuracy facexzoo = folds_facexzoo(ours[1], &s);
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
    Fold more[FOLDS + 1];
    CHECK(folds_insightface(more, &s).folds == FOLDS && folds_facexzoo(more, &s).folds == FOLDS &&
              isnan(more[FOLDS].accuracy) && more[FOLDS].pairs == 0,
          "an empty fold has no accuracy and does not count");
    memset(fold, 0, sizeof fold);
    s.folds = 1;
    CHECK(isnan(folds_insightface(more, &s).mean) && isnan(folds_facexzoo(more, &s).mean),
          "one fold: nothing to choose a threshold on");
}

int main(void)
{
    test_folds();
    return END_TESTS();
}
