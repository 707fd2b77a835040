/* Nearest neighbours against a direct evaluation. */
#include <cblas.h>
#include <string.h>

#include "identify/neighbours.h"
#include "unit.h"
#include "unit_rows.h"

static float score(const float *a, const float *b, int64_t d)
{
    double sum = 0;
    for (int64_t j = 0; j < d; j++)
        sum += (double)a[j] * b[j];
    return (float)sum;
}

/* Those of one probe one after the other: the best of what is left, k times. */
static int64_t direct(Neighbour *best, int64_t k, const float *probe, const float *gallery,
                      int64_t n, int64_t d, const int64_t *identity)
{
    bool *used = calloc((size_t)n, sizeof *used);
    int64_t found = 0;
    for (; found < k; found++) {
        int64_t at = -1;
        float top = -2;
        for (int64_t i = 0; i < n; i++) {
            float s = score(probe, gallery + i * d, d);
            if (!used[i] && s > top) {
                top = s;
                at = i;
            }
        }
        if (at < 0)
            break;
        best[found] = (Neighbour){at, identity != NULL ? identity[at] : at, top};
        for (int64_t i = 0; i < n; i++)
            used[i] = used[i] || i == at || (identity != NULL && identity[i] == identity[at]);
    }
    free(used);
    return found;
}

typedef struct Case {
    int64_t probes, rows, d, k, piece;
    int threads;
    bool by_identity;
} Case;

static void test_case(const Case *c, Kernels *kernels)
{
    Err err = {0};
    Pool *pool = pool_new(c->threads, &err);
    float *probe = unit_rows(c->probes, c->d, 1), *gallery = unit_rows(c->rows, c->d, 2);
    int64_t *identity = calloc((size_t)c->rows, sizeof *identity), wrong = 0;
    Neighbour *want = calloc((size_t)c->k, sizeof *want);
    for (int64_t i = 0; i < c->rows; i++)
        identity[i] = i * 7919 % 13;
    Neighbours *n = neighbours_new(probe, c->probes, c->d, c->k, pool, &err);
    if (kernels != NULL)
        neighbours_kernels(n, kernels);
    for (int64_t at = 0; at < c->rows; at += c->piece) {
        int64_t rows = c->rows - at < c->piece ? c->rows - at : c->piece;
        neighbours_add(n, gallery + at * c->d, rows, c->by_identity ? identity + at : NULL);
    }
    for (int64_t p = 0; p < c->probes; p++) {
        int64_t got, wanted = direct(want, c->k, probe + p * c->d, gallery, c->rows, c->d,
                                     c->by_identity ? identity : NULL);
        const Neighbour *near = neighbours_of(n, p, &got);
        wrong += got != wanted;
        for (int64_t i = 0; i < wanted && i < got; i++)
            wrong += near[i].row != want[i].row || near[i].identity != want[i].identity ||
                     near[i].score != want[i].score;
    }
    CHECK(wrong == 0,
          "%lld probes, %lld rows in pieces of %lld, %lld dimensions, %lld nearest%s, %d threads: "
          "%lld wrong%s",
          (long long)c->probes, (long long)c->rows, (long long)c->piece, (long long)c->d,
          (long long)c->k, c->by_identity ? " identities" : "", c->threads, (long long)wrong,
          kernels != NULL ? ", by bf16" : "");
    neighbours_free(n);
    pool_free(pool);
    free(probe);
    free(gallery);
    free(identity);
    free(want);
}

int main(void)
{
    openblas_set_num_threads(1);
    static const Case cases[] = {
        {1, 1, 1, 1, 1, 1, false},         {1, 3, 8, 5, 2, 1, false},
        {3, 1200, 16, 10, 1200, 1, false}, {3, 1200, 16, 10, 77, 3, false},
        {300, 600, 32, 3, 513, 2, false},  {257, 513, 128, 1, 513, 2, false},
        {2, 1025, 512, 40, 512, 4, false}, {5, 1200, 16, 4, 100, 3, true},
        {300, 600, 32, 20, 600, 2, true},  {0, 10, 4, 1, 10, 2, false},
        {4, 0, 4, 2, 1, 2, false},
    };
    Err err = {0};
    Kernels *kernels = kernels_new(NULL, &err);
    bool bfloat = kernels != NULL && kernels_set_precision(kernels, PRECISION_BF16, &err) == 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        test_case(&cases[i], NULL);
        if (bfloat)
            test_case(&cases[i], kernels);
    }
    CHECK(kernels_check(kernels, &err) == 0, "the kernels did not fail");
    kernels_free(kernels);
    return END_TESTS();
}
