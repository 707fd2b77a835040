/* Means of people, and answers, against values by hand; scores are those of pairs. */
#include <cblas.h>
#include <string.h>

#include "base/rng_internal.h"
#include "identify/answers_internal.h"
#include "identify/means_internal.h"
#include "scores/cosine.h"
#include "unit.h"

static void test_means(void)
{
    Err err = {0};
    Means means = {0};
    float unit[4][2] = {{1, 0}, {0, 1}, {0, 1}, {0, -1}}, out[4][2];
    int64_t person[4] = {0, -1, 2, 0};
    means_add(&means, unit[0], person, 3, 2, 3, &err);
    person[0] = 0;
    means_add(&means, unit[1], person, 1, 2, 3, &err);
    person[0] = 3;
    means_add(&means, unit[2], person, 1, 2, 4, &err);
    person[0] = 3;
    means_add(&means, unit[3], person, 1, 2, 4, &err);
    means_units(out[0], &means);
    CHECK(means.people == 4 && fabs(out[0][0] - sqrt(0.5)) < 1e-7 &&
              fabs(out[0][1] - sqrt(0.5)) < 1e-7,
          "of two: %g %g", (double)out[0][0], (double)out[0][1]);
    CHECK(out[1][0] == 0 && out[1][1] == 0, "of none: zeros");
    CHECK(out[2][0] == 0 && out[2][1] == 1, "of one: itself");
    CHECK(out[3][0] == 0 && out[3][1] == 0, "of two that cancel: zeros");
    means_release(&means);
    CHECK(!err_is_set(&err), "no failure");
}

enum { N = 37, D = 61 };

/* Every score that a search gives is that of the pair, to the last bit, either way round. */
static void test_scores(void)
{
    static float x[N * D], pairs[N * N];
    static int64_t pair[N * N][2], label[N];
    Err err = {0};
    int64_t wrong = 0, seen = 0;
    for (int64_t i = 0; i < N; i++) {
        Rng rng = rng_at(3, (uint64_t)i, 0, 0);
        label[i] = i;
        for (int64_t j = 0; j < D; j++)
            x[i * D + j] = (float)rng_normal(&rng);
    }
    EmbeddingRows rows = {.n = N, .d = D, .embedding = x, .label = label};
    for (int64_t i = 0; i < N * N; i++) {
        pair[i][0] = i / N;
        pair[i][1] = i % N;
    }
    cosine_pairs(pairs, &rows, (const int64_t(*)[2])pair, N * N, &err);
    Pool *pool = pool_new(2, &err);
    Answers *a = answers_new(&rows, ANSWERS_BEST, N, pool, &err);
    answers_add(a, &rows, &err);
    answers_end(a, &err);
    for (int64_t i = 0; i < N; i++)
        for (int64_t k = 0; k < answers_count(a, i); k++, seen++) {
            Answer answer = answers_at(a, i, k);
            int64_t j = atoll(answer.identity);
            wrong += answer.score != pairs[i * N + j] || answer.score != pairs[j * N + i];
        }
    CHECK(wrong == 0 && seen == N * N, "%d scores, %d differ from those of pairs", (int)seen,
          (int)wrong);
    answers_free(a);
    pool_free(pool);
}

static void test_dot(void)
{
    float x[40], y[40];
    Rng rng = rng_at(5, 0, 0, 0);
    double worst = 0;
    for (int i = 0; i < 40; i++) {
        x[i] = (float)rng_normal(&rng);
        y[i] = (float)rng_normal(&rng);
    }
    for (int d = 0; d <= 40; d++) {
        double sum = 0;
        for (int i = 0; i < d; i++)
            sum += (double)x[i] * y[i];
        worst = fmax(worst, fabs(sum - (double)cosine_of_units(x, y, d)));
    }
    CHECK(worst < 1e-6, "sums of 0 to 40 products, to %g", worst);
}

static void test_failures(void)
{
    Err err = {0};
    float x[6] = {1, 0, 0, 0, 1, 1};
    EmbeddingRows three = {.n = 3, .d = 2, .embedding = x}, two = {.n = 2, .d = 3, .embedding = x};
    EmbeddingRows one = {.n = 1, .d = 2, .embedding = x};
    Pool *pool = pool_new(2, &err);
    CHECK(answers_new(&three, ANSWERS_ROW, 1, pool, &err) == NULL &&
              strstr(err.text, "row 1: the embedding is zero") != NULL,
          "%s", err.text);
    err = (Err){0};
    Answers *a = answers_new(&one, ANSWERS_MEAN, 1, pool, &err);
    CHECK(answers_add(a, &two, &err) == -1 && strstr(err.text, "3 dimensions") != NULL, "%s",
          err.text);
    err = (Err){0};
    CHECK(answers_end(a, &err) == -1, "%s", err.text);
    err = (Err){0};
    CHECK(answers_add(a, &one, &err) == 0 && answers_end(a, &err) == 0 && answers_count(a, 0) == 0,
          "a gallery of nobody known has no means");
    answers_free(a);
    answers_free(NULL);
    pool_free(pool);
}

int main(void)
{
    openblas_set_num_threads(1);
    test_means();
    test_dot();
    test_scores();
    test_failures();
    return END_TESTS();
}
