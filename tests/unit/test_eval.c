/* eval/: scores, ROC, EER and AUC against brute force over all pairs; folds */
#include <cblas.h>

#include "base/rng.h"
#include "eval/folds.h"
#include "eval/key.h"
#include "eval/roc.h"
#include "unit.h"

enum { N = 560, D = 24 };

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
    for (int64_t i = 0; i < e->genuines; i++)
        for (int64_t j = 0; j < e->impostors; j++)
            wins += (e->genuine[i] > e->impostor[j]) + 0.5 * (e->genuine[i] == e->impostor[j]);
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

/* TAR and impostors accepted by the nearest point, from all points of the ROC one by one. */
static double expected_nearest(const Expected *e, double far, int64_t *accepted)
{
    double best = far, tar = 0;
    int64_t i = 0, j = 0;
    *accepted = 0;
    for (;;) {
        if (fabs((double)j / (double)e->impostors - far) <= best) {
            best = fabs((double)j / (double)e->impostors - far);
            tar = (double)i / (double)e->genuines;
            *accepted = j;
        }
        if (i == e->genuines && j == e->impostors)
            return tar;
        float top =
            fmaxf(i < e->genuines ? e->genuine[i] : -2, j < e->impostors ? e->impostor[j] : -2);
        for (; i < e->genuines && e->genuine[i] == top; i++)
            ;
        for (; j < e->impostors && e->impostor[j] == top; j++)
            ;
    }
}

static bool nearest_right(const Expected *e, const Roc *roc, double far, const RocVertex *v)
{
    int64_t accepted;
    double tar = expected_nearest(e, far, &accepted);
    RocReading r = roc_read(ROC_NEAREST, far, roc, v);
    return r.accepted == accepted && fabs(r.tar - tar) < 1e-12;
}

static bool conservative_right(const Expected *e, const Roc *roc, double far, const RocVertex *v)
{
    RocReading r = roc_read(ROC_CONSERVATIVE, far, roc, v);
    double k = floor(far * (double)e->impostors * (1 + 1e-15));
    if (k >= (double)e->impostors)
        return r.tar == 1;
    float above = nextafterf(e->impostor[(int64_t)k], 3);
    return r.tar == (double)at_least(e->genuine, e->genuines, above) / (double)e->genuines;
}

static void check_readings(const Scores *scores, const Expected *e, Pool *pool, const char *what)
{
    static const double far[] = {1, 0.5, 0.3, 0.1, 0.033, 0.01, 0.0047, 0.001};
    enum { FARS = sizeof far / sizeof *far };
    for (int i = 0; i < FARS && e->genuines > 0; i++) {
        Err err = {0};
        Roc roc;
        RocVertex v[2];
        int64_t rank[2] = {roc_rule_rank(ROC_NEAREST, far[i], e->impostors),
                           roc_rule_rank(ROC_CONSERVATIVE, far[i], e->impostors)};
        if (rank[0] == 0)
            continue;
        CHECK(roc_measure(&roc, v, rank, 2, scores, pool, &err) == 0 &&
                  nearest_right(e, &roc, far[i], &v[0]) &&
                  conservative_right(e, &roc, far[i], &v[1]),
              "%s: readings at %g", what, far[i]);
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

/* Rows of identities of very different sizes, some labels unknown, some rows equal. */
static void make_rows(float *x, int64_t *label, double noise)
{
    for (int64_t i = 0; i < N; i++) {
        int64_t copy = i % 50 == 7 ? i - 1 : i;
        label[i] = copy % 13 == 0 ? 5 : copy / 4;
        label[i] = copy % 101 == 0 ? -1 : label[i];
        Rng same = rng_at(3, (uint64_t)label[i], 0, 0), own = rng_at(4, (uint64_t)copy, 0, 0);
        for (int k = 0; k < D; k++)
            x[i * D + k] = (float)(rng_normal(&same) + noise * rng_normal(&own));
    }
}

static void test_all_pairs(void)
{
    static float x[N * D];
    static int64_t label[N];
    EvalRows rows = {.n = N, .d = D, .embedding = x, .label = label};
    double noise[] = {0.3, 3};
    for (int i = 0; i < 2; i++) {
        Err err = {0};
        make_rows(x, label, noise[i]);
        Scores *scores = scores_all_pairs(&rows, &err);
        int64_t known = 0, genuine = 0;
        for (int64_t a = 0; a < N; a++) {
            known += label[a] >= 0;
            for (int64_t b = 0; label[a] >= 0 && b < a; b++)
                genuine += label[a] == label[b];
        }
        CHECK(scores != NULL && scores_genuine(scores) == genuine &&
                  scores_impostor(scores) == known * (known - 1) / 2 - genuine,
              "all pairs of %d rows: %lld genuine", (int)known, (long long)genuine);
        check_scores(scores, "all pairs");
        scores_free(scores);
    }
}

/* The GEMM's scores are those of the definition, and the same set whatever the order. */
static void test_scores(void)
{
    static float x[N * D], y[N * D], direct[N * (N - 1) / 2];
    static int64_t label[N], moved[N], pair[N * (N - 1) / 2][2];
    static bool same[N * (N - 1) / 2];
    Err err = {0};
    int64_t n = 0;
    make_rows(x, label, 1);
    for (int64_t i = 0; i < N; i++) {
        int64_t to = (int64_t)rng_permute(9, 0, N, (uint64_t)i);
        moved[to] = label[i] = label[i] < 0 ? 0 : label[i];
        memcpy(y + to * D, x + i * D, sizeof(float[D]));
    }
    EvalRows rows = {.n = N, .d = D, .embedding = x, .label = label};
    EvalRows other = {.n = N, .d = D, .embedding = y, .label = moved};
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j < i; j++, n++) {
            pair[n][0] = i;
            pair[n][1] = j;
            same[n] = label[i] == label[j];
        }
    eval_pair_scores(direct, &rows, (const int64_t(*)[2])pair, n, &err);
    Scores *scores[3] = {scores_all_pairs(&rows, &err), scores_all_pairs(&other, &err),
                         scores_listed(direct, same, n, &err)};
    Expected e[3] = {expect(scores[0]), expect(scores[1]), expect(scores[2])};
    double error = 0;
    for (int64_t i = 0; i < e[0].impostors; i++)
        error = fmax(error, fabs((double)e[0].impostor[i] - e[2].impostor[i]));
    CHECK(e[2].impostors == e[0].impostors && error < 1e-6, "cosines to %g", error);
    CHECK(memcmp(e[0].impostor, e[1].impostor, (size_t)e[0].impostors * sizeof(float)) == 0 &&
              memcmp(e[0].genuine, e[1].genuine, (size_t)e[0].genuines * sizeof(float)) == 0,
          "the order of the rows changes no bit");
    for (int i = 0; i < 3; i++) {
        scores_free(scores[i]);
        expected_free(&e[i]);
    }
}

static void test_ties(void)
{
    enum { M = 3000 };
    static float score[M];
    static bool same[M];
    Err err = {0};
    int steps[] = {1, 3, 40, 100000};
    for (int s = 0; s < 4; s++) {
        Rng rng = rng_at(5, (uint64_t)s, 0, 0);
        for (int i = 0; i < M; i++) {
            same[i] = rng_unit(&rng) < 0.2;
            double at = rng_normal(&rng) + (same[i] ? 1 : 0);
            score[i] = (float)(round(at * steps[s]) / steps[s] / 4);
        }
        Scores *scores = scores_listed(score, same, M, &err);
        check_scores(scores, "ties");
        scores_free(scores);
    }
    struct {
        const char *what;
        float score[6];
        bool same[6];
        int n;
    } small[] = {
        {"all scores equal", {.5f, .5f, .5f, .5f}, {1, 0, 0, 1}, 4},
        {"no genuine pair", {.1f, .2f, .2f}, {0, 0, 0}, 3},
        {"no impostor", {.1f, .2f}, {1, 1}, 2},
        {"one of each, right", {.9f, -.1f}, {1, 0}, 2},
        {"one of each, wrong", {-.9f, .1f}, {1, 0}, 2},
        {"zero and minus zero", {0.f, -0.f, 0.f, -0.f, 1.f}, {1, 1, 0, 0, 0}, 5},
        {"out of [-1,1]", {1.0000001f, 3.f, -2.f, 2.f, 2.f}, {1, 1, 0, 0, 1}, 5},
        {"no score at all", {0}, {0}, 0},
    };
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        Scores *scores = scores_listed(small[i].score, small[i].same, small[i].n, &err);
        check_scores(scores, small[i].what);
        scores_free(scores);
    }
}

/* More scores than fit into what a worker notes, all in one bin and one cell. */
static void test_many_equal(void)
{
    enum { M = 200000 };
    Err err = {0};
    float *score = calloc(M, sizeof *score);
    bool *same = calloc(M, sizeof *same);
    double of[2][3] = {{0}}, auc = 0;
    for (int i = 0; i < M; i++) {
        same[i] = i % 4 == 0;
        score[i] = 0.25f + (float)(i % 3) * 0x1p-25f;
        of[same[i]][i % 3]++;
    }
    for (int i = 0; i < 3; i++)
        for (int j = 0; j <= i; j++)
            auc += of[1][i] * of[0][j] * (i == j ? 0.5 : 1) / (50000. * 150000.);
    Scores *scores = scores_listed(score, same, M, &err);
    Pool *pool = pool_new(3, &err);
    RocVertex v;
    Roc roc;
    int64_t rank = 60000;
    CHECK(roc_measure(&roc, &v, &rank, 1, scores, pool, &err) == 0 &&
              v.threshold == 0.25f + 0x1p-25f && v.impostor_above == 50000 &&
              v.impostor_at_least == 100000 && v.genuine_above == 16666 &&
              v.genuine_at_least == 33333,
          "200,000 scores of three neighbouring values");
    CHECK_CLOSE(roc.auc, auc, 1e-14, "their AUC");
    pool_free(pool);
    scores_free(scores);
    free(score);
    free(same);
}

static void test_one_identity(void)
{
    float x[4 * 2] = {1, 0, 0, 1, 1, 1, 1, 2};
    int64_t one[4] = {7, 7, 7, 7}, unknown[4] = {-1, -1, -1, 7};
    Err err = {0};
    EvalRows rows = {.n = 4, .d = 2, .embedding = x, .label = one};
    Scores *scores = scores_all_pairs(&rows, &err);
    CHECK(scores_genuine(scores) == 6 && scores_impostor(scores) == 0, "one identity: no impostor");
    check_scores(scores, "one identity");
    scores_free(scores);
    rows.label = unknown;
    scores = scores_all_pairs(&rows, &err);
    CHECK(scores_genuine(scores) == 0 && scores_impostor(scores) == 0, "one known row: no pair");
    check_scores(scores, "no pair");
    scores_free(scores);
    rows.n = 0;
    scores = scores_all_pairs(&rows, &err);
    CHECK(scores != NULL && scores_impostor(scores) == 0, "no rows");
    scores_free(scores);
}

static void test_no_direction(void)
{
    float x[3 * 2] = {1, 0, 0, 0, 1, NAN};
    int64_t label[3] = {0, 1, 2}, pair[1][2] = {{0, 2}}, key_end[3] = {1, 4, 5};
    float score;
    Err err = {0};
    EvalRows rows = {3, 2, x, label, "aB/bc", key_end};
    CHECK(scores_all_pairs(&rows, &err) == NULL && strstr(err.text, "row 1 (B/b)") != NULL &&
              strstr(err.text, "zero") != NULL,
          "a zero embedding: %s", err.text);
    err = (Err){0};
    CHECK(eval_pair_scores(&score, &rows, (const int64_t(*)[2])pair, 1, &err) == -1 &&
              strstr(err.text, "row 2 (c)") != NULL && strstr(err.text, "finite") != NULL,
          "NaN: %s", err.text);
    label[1] = -1;
    label[2] = -1;
    err = (Err){0};
    Scores *scores = scores_all_pairs(&rows, &err);
    CHECK(scores != NULL, "rows without a label are not looked at");
    scores_free(scores);
}

static void test_ranks(void)
{
    CHECK(roc_rank(1e-6, 1000000) == 1 && roc_rank(1e-6, 999999) == 0 &&
              roc_rank(1e-7, 30000000) == 3 && roc_rank(1, 5) == 5 && roc_rank(0.5, 0) == 0 &&
              roc_rank(0.5, 3) == 2 && roc_rank(1e-3, 0) == 0,
          "ranks of FARs; none below one impostor");
    int64_t rank[ROC_CURVE_MAX], sizes[] = {1, 2, 50, 87523065, INT64_MAX / 2};
    for (int s = 0; s < 5; s++) {
        int n = roc_curve_ranks(rank, sizes[s]);
        bool ascending = n > 0 && rank[0] == 1 && rank[n - 1] == sizes[s];
        for (int i = 1; i < n; i++)
            ascending = ascending && rank[i] > rank[i - 1];
        CHECK(ascending && n <= ROC_CURVE_MAX, "%d ranks from 1 to %lld", n, (long long)sizes[s]);
    }
    CHECK(roc_curve_ranks(rank, 0) == 0, "no impostor, no rank");
}

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
    openblas_set_num_threads(1);
    test_all_pairs();
    test_scores();
    test_ties();
    test_many_equal();
    test_one_identity();
    test_no_direction();
    test_ranks();
    test_folds();
    return END_TESTS();
}
