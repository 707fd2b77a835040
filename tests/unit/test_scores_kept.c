/* scores/kept: the highest impostors are kept while they are counted, and are those that another
 * walk finds. */
#include <cblas.h>
#include <math.h>
#include <stdatomic.h>

#include "base/rng_internal.h"
#include "scores/counts_internal.h"
#include "scores/kept_internal.h"
#include "scores/score_key_internal.h"
#include "unit.h"

enum { N = 4200, D = 6, EACH = 3 }; /* as many as are guessed for */

static float embedding[N * D];
static int64_t label[N];

/* What a walk handed on: all, and those from a threshold on, added up so that the order does not
 * matter. */
typedef struct Handed {
    float from;
    _Atomic int64_t genuine, impostors, accepted;
    _Atomic uint64_t pairs; /* a sum of hashes of those accepted */
} Handed;

static void take(void *arg, int worker, int64_t place, int64_t column, const float *score,
                 int64_t n, bool genuine)
{
    Handed *handed = arg;
    (void)worker;
    if (genuine)
        handed->genuine += n;
    else
        handed->impostors += n;
    for (int64_t i = 0; i < n && !genuine; i++)
        if (score[i] >= handed->from) {
            uint64_t pair = (uint64_t)place * N + (uint64_t)(column + i);
            handed->accepted++;
            handed->pairs += (pair << 32 | score_key(score[i])) * 0x9E3779B97F4A7C15u;
        }
}

/* Keeps `keep` impostors while those of `rank` are counted; returns their threshold. */
static float count(Scores *scores, int64_t rank, int64_t keep, Pool *pool)
{
    Err err = {0};
    if (keep > 0)
        scores_keep(scores, keep);
    Counts *counts = counts_new(scores, pool, &err);
    CHECK(counts != NULL && counts_guess(counts, &rank, 1, pool, &err) == 0 &&
              counts_walk(counts, pool, &err) == 0,
          "counted: %s", err.text);
    counts_want_rank(counts, rank);
    if (counts_wanting(counts))
        counts_walk(counts, pool, &err);
    float threshold = score_of_key((uint32_t)counts_at_rank(counts, rank).key);
    counts_free(counts);
    return threshold;
}

/* kept: whether they should be found among those kept. */
static void test_keep(int64_t rank, int64_t keep, bool kept, int threads)
{
    const EmbeddingRows rows = {.n = N, .d = D, .embedding = embedding, .label = label};
    Err err = {0};
    Pool *pool = pool_new(threads, &err);
    Scores *scores = scores_all_pairs(&rows, &err);
    Handed want = {0}, have = {0}, genuine = {.from = -2};
    want.from = have.from = count(scores, rank, keep, pool);
    scores_walk_pairs(scores, SCORES_ALL, pool, take, &want, &err);
    scores_walk_from(scores, SCORES_ALL, have.from, pool, take, &have, &err);
    CHECK(want.accepted >= rank && have.accepted == want.accepted && have.pairs == want.pairs &&
              have.genuine == N * (EACH - 1) / 2 && want.genuine == have.genuine,
          "rank %lld, %lld kept, %d threads: %lld accepted", (long long)rank, (long long)keep,
          threads, (long long)have.accepted);
    CHECK(kept ? have.impostors == have.accepted : have.impostors == scores_impostor(scores),
          "rank %lld, %lld kept: %lld handed on", (long long)rank, (long long)keep,
          (long long)have.impostors);
    scores_walk_from(scores, SCORES_GENUINE, have.from, pool, take, &genuine, &err);
    CHECK(genuine.genuine == want.genuine && genuine.impostors == 0, "genuine ones alone");
    scores_free(scores);
    pool_free(pool);
}

int main(void)
{
    openblas_set_num_threads(1);
    for (int64_t i = 0; i < N; i++) {
        Rng person = rng_at(1, (uint64_t)(i / EACH), 0, 0), own = rng_at(2, (uint64_t)i, 0, 0);
        label[i] = i / EACH;
        for (int k = 0; k < D; k++)
            embedding[i * D + k] = (float)(rng_normal(&person) + 0.3 * rng_normal(&own));
    }
    const int64_t all = (int64_t)N * (N - 1) / 2 - N * (EACH - 1) / 2;
    for (int threads = 1; threads <= 3; threads += 2) {
        test_keep(1, 1, true, threads);
        test_keep(900, 900, true, threads);
        test_keep(900, 3600, true, threads);
        test_keep(88000, 88000, true, threads);
        test_keep(900, 0, false, threads);
        test_keep(88000, 900, false, threads); /* beyond what was kept */
        test_keep(900, all, false, threads);   /* more than are worth their memory */
    }
    return END_TESTS();
}
