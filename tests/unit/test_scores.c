/* scores/scores: all pairs of rows, against the definition; what has no direction */
#include <cblas.h>

#include "base/rng_internal.h"
#include "roc_expected.h"

enum { N = 560, D = 24 };

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
    EmbeddingRows rows = {.n = N, .d = D, .embedding = x, .label = label};
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
    EmbeddingRows rows = {.n = N, .d = D, .embedding = x, .label = label};
    EmbeddingRows other = {.n = N, .d = D, .embedding = y, .label = moved};
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j < i; j++, n++) {
            pair[n][0] = i;
            pair[n][1] = j;
            same[n] = label[i] == label[j];
        }
    cosine_pairs(direct, &rows, (const int64_t(*)[2])pair, n, &err);
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

static void test_one_identity(void)
{
    float x[4 * 2] = {1, 0, 0, 1, 1, 1, 1, 2};
    int64_t one[4] = {7, 7, 7, 7}, unknown[4] = {-1, -1, -1, 7};
    Err err = {0};
    EmbeddingRows rows = {.n = 4, .d = 2, .embedding = x, .label = one};
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
    EmbeddingRows rows = {
        .n = 3, .d = 2, .embedding = x, .label = label, .key = "aB/bc", .key_end = key_end};
    CHECK(scores_all_pairs(&rows, &err) == NULL && strstr(err.text, "row 1 (B/b)") != NULL &&
              strstr(err.text, "zero") != NULL,
          "a zero embedding: %s", err.text);
    err = (Err){0};
    CHECK(cosine_pairs(&score, &rows, (const int64_t(*)[2])pair, 1, &err) == -1 &&
              strstr(err.text, "row 2 (c)") != NULL && strstr(err.text, "finite") != NULL,
          "NaN: %s", err.text);
    label[1] = -1;
    label[2] = -1;
    err = (Err){0};
    Scores *scores = scores_all_pairs(&rows, &err);
    CHECK(scores != NULL, "rows without a label are not looked at");
    scores_free(scores);
}

int main(void)
{
    openblas_set_num_threads(1);
    test_all_pairs();
    test_scores();
    test_one_identity();
    test_no_direction();
    return END_TESTS();
}
