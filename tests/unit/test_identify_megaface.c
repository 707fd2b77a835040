/* identify/megaface, scores/largest: the largest of many scores, and MegaFace's challenge against
 * brute force. Embeddings are of entries +-1/4, so that scores are exact and often equal. */
#include "base/rng_internal.h"
#include "identify/megaface_internal.h"
#include "scores/largest_internal.h"
#include "unit.h"

enum { D = 16, PROBES = 300, PEOPLE = 37, DISTRACTORS = 9001, DEPTH = 12 };

static int compare_down(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

typedef struct Part {
    Largest *largest;
    const float *score;
    int64_t n;
} Part;

static void add_part(void *arg, int64_t i, int worker)
{
    const Part *p = arg;
    largest_add(p->largest, worker, p->score + i * p->n, p->n);
}

/* k of n scores of which `kinds` differ, by so many workers */
static void test_largest(int64_t k, int64_t n, int kinds, int workers)
{
    Err err = {0};
    Rng rng = rng_at(1, (uint64_t)k, (uint64_t)n, 0);
    float *score = malloc((size_t)n * sizeof *score);
    for (int64_t i = 0; i < n; i++)
        score[i] = (float)((int64_t)rng_below(&rng, (uint32_t)kinds) - kinds / 3) / 1024;
    Pool *pool = pool_new(workers, &err);
    Largest *largest = largest_new(k, workers, &err);
    Part part = {largest, score, n / 100};
    pool_run(pool, 100, add_part, &part);
    qsort(score, (size_t)n, sizeof *score, compare_down);
    bool same = true;
    for (int64_t rank = 1; rank <= (k < n ? k : n); rank++)
        same = same && largest_rank(largest, rank) == score[rank - 1];
    CHECK(same, "the %lld largest of %lld, %d workers", (long long)k, (long long)n, workers);
    CHECK(largest_rank(largest, (k < n ? k : n) + 1) == -INFINITY, "and no more");
    CHECK(largest_rank(largest, 0) == -INFINITY, "no rank 0");
    CHECK(largest_seen(largest) == n, "all were seen");
    largest_free(largest);
    pool_free(pool);
    free(score);
}

static void fill(float *x, int64_t n, Rng *rng)
{
    for (int64_t i = 0; i < n * D; i++)
        x[i] = rng_below(rng, 2) ? .25f : -.25f;
}

static float dot(const float *x, const float *y)
{
    float sum = 0;
    for (int k = 0; k < D; k++)
        sum += x[k] * y[k];
    return sum;
}

/* rate[DEPTH] after the first n distractors */
static void expect(double *rate, const float *x, const int64_t *label, const float *crowd,
                   int64_t n)
{
    int64_t searches = 0;
    memset(rate, 0, DEPTH * sizeof *rate);
    for (int j = 0; j < PROBES; j++)
        for (int i = 0; i < PROBES; i++) {
            if (i == j || label[i] != label[j])
                continue;
            float mate = dot(x + i * D, x + j * D);
            int64_t above = 0;
            for (int64_t k = 0; k < n && above < DEPTH; k++)
                above += dot(x + j * D, crowd + k * D) > mate;
            for (int64_t r = above; r < DEPTH; r++)
                rate[r]++;
            searches++;
        }
    for (int r = 0; r < DEPTH; r++)
        rate[r] /= (double)searches;
}

static double expect_tar(const float *x, const int64_t *label, const float *crowd, int64_t k)
{
    int64_t n = (int64_t)PROBES * DISTRACTORS, genuine = 0, accepted = 0;
    float *score = malloc((size_t)n * sizeof *score);
    for (int64_t i = 0; i < n; i++)
        score[i] = dot(x + i / DISTRACTORS * D, crowd + i % DISTRACTORS * D);
    qsort(score, (size_t)n, sizeof *score, compare_down);
    for (int i = 0; i < PROBES; i++)
        for (int j = 0; j < i; j++) {
            genuine += label[i] == label[j];
            accepted += label[i] == label[j] && dot(x + i * D, x + j * D) >= score[k - 1];
        }
    free(score);
    return (double)accepted / (double)genuine;
}

static bool equal_rates(const double *a, const double *b)
{
    bool same = true;
    for (int r = 0; r < DEPTH; r++)
        same = same && fabs(a[r] - b[r]) < 1e-12;
    return same;
}

/* Compared every `step` distractors. */
static void test_megaface(int threads, int64_t step)
{
    Err err = {0};
    Rng rng = rng_at(3, 0, 0, 0);
    static float x[PROBES * D], crowd[DISTRACTORS * D];
    static int64_t label[PROBES];
    double rate[DEPTH], expected[DEPTH];
    fill(x, PROBES, &rng);
    fill(crowd, DISTRACTORS, &rng);
    for (int i = 0; i < PROBES; i++)
        label[i] = (int64_t)rng_below(&rng, PEOPLE) * 1000;
    Pool *pool = pool_new(threads, &err);
    MegaFace *m = megaface_new(x, label, PROBES, D, DEPTH, NULL, pool, &err);
    for (int64_t i = 0; i < DISTRACTORS; i++) {
        memcpy(megaface_place(m), crowd + i * D, D * sizeof *crowd);
        if ((i + 1) % step == 0 || i + 1 == DISTRACTORS || i + 1 == 50)
            megaface_compare(m, pool);
        if (i + 1 != 50 && i + 1 != DISTRACTORS)
            continue;
        megaface_cmc(rate, DEPTH, m);
        expect(expected, x, label, crowd, i + 1);
        CHECK(megaface_distractors(m) == i + 1, "%lld distractors", (long long)i + 1);
        CHECK(equal_rates(rate, expected), "%d threads, by %lld, after %lld: rank 1 %g, rank %d %g",
              threads, (long long)step, (long long)i + 1, rate[0], DEPTH, rate[DEPTH - 1]);
    }
    float threshold;
    megaface_end(m);
    CHECK_CLOSE(megaface_tar(&threshold, m, 1e-3), expect_tar(x, label, crowd, 2700), 1e-12, "TAR");
    CHECK(isnan(megaface_tar(&threshold, m, 1e-9)), "no TAR below one impostor");
    megaface_free(m);
    pool_free(pool);
}

int main(void)
{
    test_largest(1, 100, 50, 1);
    test_largest(1000, 300, 1 << 20, 2);
    test_largest(1000, 500000, 1 << 20, 1);
    test_largest(1000, 500000, 1 << 20, 3);
    test_largest(20000, 500000, 30, 3);
    test_megaface(1, 4096);
    test_megaface(3, 1000);
    return END_TESTS();
}
