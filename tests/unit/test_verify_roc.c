/* verify/roc, scores/counts: thresholds, readings, EER and AUC against brute force; ties */
#include <cblas.h>

#include "base/rng_internal.h"
#include "roc_expected.h"
#include "scores/counts_cells_internal.h"
#include "scores/far_rank_internal.h"
#include "scores/score_key_internal.h"

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

/* Enough rows for thresholds to be guessed from a sample, several tiles, and identities across
 * their borders. */
static void test_guessed(void)
{
    enum { M = 4300, DIM = 16 };
    Err err = {0};
    float *x = malloc(sizeof(float[M][DIM]));
    int64_t label[M];
    for (int i = 0; i < M; i++) {
        label[i] = i % 97 == 0 ? 7 : i / 5;
        Rng same = rng_at(8, (uint64_t)label[i], 0, 0), own = rng_at(9, (uint64_t)i, 0, 0);
        for (int k = 0; k < DIM; k++)
            x[i * DIM + k] = (float)(rng_normal(&same) + 0.6 * rng_normal(&own));
    }
    EmbeddingRows rows = {.n = M, .d = DIM, .embedding = x, .label = label};
    Scores *scores = scores_all_pairs(&rows, &err);
    Expected e = expect(scores);
    Pool *pool = pool_new(2, &err);
    check_readings(scores, &e, pool, "guessed");
    Roc roc;
    int64_t rank[] = {1, 92, 9240, 924000};
    RocVertex v[4];
    bool right = roc_measure(&roc, v, rank, 4, scores, pool, &err) == 0;
    for (int i = 0; right && i < 4; i++)
        right = v[i].threshold == e.impostor[rank[i] - 1];
    CHECK(right, "guessed: order statistics of %lld impostors", (long long)e.impostors);
    CHECK_CLOSE(roc.auc, expected_auc(&e), 1e-12, "guessed: AUC");
    CHECK_CLOSE(roc.eer, expected_eer(&e), 1e-12, "guessed: EER");
    pool_free(pool);
    scores_free(scores);
    expected_free(&e);
    free(x);
}

/* A cell of which far fewer impostors are expected than there are is counted in a second walk. */
static void test_wrong_guess(void)
{
    enum { M = 300000 };
    Err err = {0};
    float *score = calloc(M, sizeof *score);
    bool *same = calloc(M, sizeof *same);
    for (int i = 0; i < M; i++)
        score[i] = 0.5f + (float)(i % 7) * 0x1p-24f;
    same[0] = true;
    Scores *scores = scores_listed(score, same, M, &err);
    Pool *pool = pool_new(2, &err);
    Counts *counts = counts_new(scores, pool, &err);
    int32_t cell = cell_of(0.5f);
    uint64_t key = score_key(0.5f + 0x1p-22f);
    counts_want_cell(counts, cell, 3);
    CHECK(counts_walk(counts, pool, &err) == 0 && !counts_cell_known(counts, cell) &&
              !counts_wanting(counts) &&
              counts_cells_below(counts, cell + 1) - counts_cells_below(counts, cell) == M - 1,
          "a list that overflows is given up, the counts stay");
    counts_want_known(counts, cell);
    CHECK(counts_wanting(counts) && !counts_cell_known(counts, cell) &&
              counts_walk(counts, pool, &err) == 0 && counts_cell_known(counts, cell),
          "and the next walk counts the cell");
    int64_t below = 0;
    for (int i = 0; i < M; i++)
        below += !same[i] && score[i] < 0.5f + 0x1p-22f;
    CHECK(counts_impostors_below(counts, cell, key) == below, "exactly: %lld", (long long)below);
    CHECK_CLOSE(counts_area(counts), 0.5 * (M / 7) / (M - 1), 1e-4, "the area is that of one walk");
    counts_free(counts);
    pool_free(pool);
    scores_free(scores);
    free(score);
    free(same);
}

static void test_ranks(void)
{
    CHECK(far_rank_nearest(0.5, 1) == 1 && far_rank_nearest(0.4, 1) == 0 &&
              far_rank_nearest(0.145, 100) == 14 && far_rank_nearest(0.155, 100) == 16,
          "BLUFR's k is MATLAB's round(far * n)");
    CHECK(far_rank(1e-6, 1000000) == 1 && far_rank(1e-6, 999999) == 0 &&
              far_rank(1e-7, 30000000) == 3 && far_rank(1, 5) == 5 && far_rank(0.5, 0) == 0 &&
              far_rank(0.5, 3) == 2 && far_rank(1e-3, 0) == 0,
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

int main(void)
{
    openblas_set_num_threads(1);
    test_ties();
    test_many_equal();
    test_guessed();
    test_wrong_guess();
    test_ranks();
    return END_TESTS();
}
