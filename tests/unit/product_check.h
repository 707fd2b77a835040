/* Whether kernels compute products: all forms against sums in double, from several threads, and a
 * row's bits whatever the number of rows. */
#ifndef PRODUCT_CHECK_H
#define PRODUCT_CHECK_H

#include <stdint.h>

#include "base/pool.h"
#include "base/rng_internal.h"
#include "product/product_internal.h"
#include "unit.h"

static real *product_numbers(int64_t n, uint64_t seed)
{
    real *x = aligned_alloc(64, ((size_t)n * sizeof *x / 64 + 1) * 64);
    Rng rng = rng_at(seed, (uint64_t)n, 0, 0);
    for (int64_t i = 0; x != NULL && i < n; i++)
        x[i] = (real)rng_normal(&rng);
    return x;
}

static double product_exact(const Product *p, const real *a, const real *b, int64_t i, int64_t j)
{
    double sum = 0;
    for (int64_t l = 0; l < p->k; l++)
        sum += (double)a[p->a_turned ? l * p->lda + i : i * p->lda + l] *
               (double)b[p->b_turned ? j * p->ldb + l : l * p->ldb + j];
    return sum;
}

/* The largest distance of c from the exact product, which was added to `before`, in units of
 * sqrt(k), about the size of its numbers. What lies between rows must be untouched. */
static double product_error(const Product *p, const real *c, const real *before, const real *a,
                            const real *b)
{
    double worst = 0;
    for (int64_t i = 0; i < p->m; i++) {
        for (int64_t j = 0; j < p->n; j++) {
            double want = product_exact(p, a, b, i, j);
            want += p->add ? (double)before[i * p->ldc + j] : 0;
            worst = fmax(worst, fabs((double)c[i * p->ldc + j] - want) / sqrt((double)p->k));
        }
        for (int64_t j = p->n; j < p->ldc; j++)
            worst = c[i * p->ldc + j] == before[i * p->ldc + j] ? worst : INFINITY;
    }
    return worst;
}

/* c from a and b, which is packed first if the product says so. */
static bool product_compute(Kernels *kernels, real *c, const real *a, const real *b,
                            const Product *p)
{
    if (!p->b_packed) {
        product_run(kernels, c, a, b, p);
        return true;
    }
    size_t length = product_packed(kernels, p);
    if (length == 0)
        return false;
    real *packed = product_numbers((int64_t)length, 9);
    product_pack(packed, b, p);
    product_run(kernels, c, a, packed, p);
    free(packed);
    return true;
}

static void check_product(Kernels *kernels, Product p)
{
    int64_t a_size = (p.a_turned ? p.k : p.m) * p.lda, b_size = (p.b_turned ? p.n : p.k) * p.ldb;
    int64_t c_size = p.m * p.ldc;
    real *a = product_numbers(a_size, 1), *b = product_numbers(b_size, 2);
    real *c = product_numbers(c_size, 3), *before = product_numbers(c_size, 3);
    if (product_compute(kernels, c, a, b, &p)) {
        double error = product_error(&p, c, before, a, b);
        double bound =
            2.4e-7 * (4 + sqrt((double)p.k)); /* sums of rounding errors walk at random */
        CHECK(error < bound, "%lld x %lld x %lld, rows of %lld, %lld, %lld%s%s%s%s: within %.2g",
              (long long)p.m, (long long)p.n, (long long)p.k, (long long)p.lda, (long long)p.ldb,
              (long long)p.ldc, p.a_turned ? ", a turned" : "", p.b_turned ? ", b turned" : "",
              p.b_packed ? ", packed" : "", p.add ? ", added" : "", error);
    }
    free(a), free(b), free(c), free(before);
}

static const int product_shapes[][3] = {
    {1, 512, 512}, {3, 7, 5},     {4, 512, 128}, {49, 512, 128}, {16, 64, 27}, {196, 128, 64},
    {50, 100, 33}, {65, 17, 576}, {1, 1, 1},     {2, 1, 300},    {130, 64, 1}};
enum { PRODUCT_SHAPES = sizeof product_shapes / sizeof *product_shapes };

static void check_forms(Kernels *kernels)
{
    for (int s = 0; s < PRODUCT_SHAPES; s++)
        for (int form = 0; form < 32; form++) {
            int m = product_shapes[s][0], n = product_shapes[s][1], k = product_shapes[s][2];
            int gap = form & 16 ? 5 : 0;
            Product p = {.m = m,
                         .n = n,
                         .k = k,
                         .a_turned = form & 1,
                         .b_turned = form & 2,
                         .add = form & 4,
                         .b_packed = form & 8};
            p.lda = (p.a_turned ? m : k) + gap;
            p.ldb = (p.b_turned ? k : n) + 2 * gap;
            p.ldc = n + gap;
            check_product(kernels, p);
        }
}

/* Rows of a product by themselves, in every number, against all of them at once. */
static void check_rows(Kernels *kernels)
{
    enum { ROWS = 70 };
    for (int s = 0; s < PRODUCT_SHAPES; s++) {
        int n = product_shapes[s][1], k = product_shapes[s][2], other = 0;
        Product all = product_forward(ROWS, n, k);
        all.b_packed = product_packed(kernels, &all) > 0;
        real *a = product_numbers(ROWS * k, 1), *b = product_numbers((int64_t)n * k, 2);
        real *c = product_numbers(ROWS * n, 3), *part = product_numbers(ROWS * n, 4);
        product_compute(kernels, c, a, b, &all);
        for (int m = 1; m < ROWS; m++) {
            Product some = all;
            some.m = m;
            product_compute(kernels, part, a + (ROWS - m) * k, b, &some);
            other += memcmp(part, c + (ROWS - m) * n, (size_t)(m * n) * sizeof *c) != 0;
        }
        CHECK(other == 0, "n %d, k %d: %d of %d numbers of rows give a row other bits", n, k, other,
              ROWS - 1);
        free(a), free(b), free(c), free(part);
    }
}

typedef struct ProductCrowd {
    Kernels *kernels;
    const real *a, *b, *c;
    int other[64];
} ProductCrowd;

static void crowd_task(void *arg, int64_t i, int worker)
{
    ProductCrowd *crowd = arg;
    Product p = product_forward(1 + i % 16, 64, 33);
    real *c = product_numbers(p.m * p.n, 5);
    (void)worker;
    product_run(crowd->kernels, c, crowd->a, crowd->b, &p);
    crowd->other[i] = product_error(&p, c, c, crowd->a, crowd->b) > 2e-6;
    free(c);
}

/* Threads that ask for the same products at the same time. */
static void check_crowd(Kernels *kernels)
{
    Err err = {0};
    Pool *pool = pool_new(4, &err);
    real *a = product_numbers(16 * 33, 1), *b = product_numbers(64 * 33, 2);
    ProductCrowd crowd = {.kernels = kernels, .a = a, .b = b};
    int other = 0;
    pool_run(pool, 64, crowd_task, &crowd);
    for (int i = 0; i < 64; i++)
        other += crowd.other[i];
    CHECK(other == 0, "of 64 products in four threads %d are wrong", other);
    pool_free(pool);
    free(a), free(b);
}

/* Skipped where this build or this processor has no such kernels. */
static void check_kernels(const char *choice)
{
    Err err = {0};
    Kernels *kernels = kernels_new(choice, &err);
    if (kernels == NULL) {
        bool absent = strstr(err.text, "oneDNN was not there") || strstr(err.text, "has no AVX");
        if (CHECK(absent, "%s: %s", choice, err.text))
            printf("ok %d - # SKIP %s\n", ++unit_count, err.text);
        return;
    }
    check_forms(kernels);
    check_crowd(kernels);
    Product usual = product_forward(1, 64, 64);
    if (product_packed(kernels, &usual) > 0)
        check_rows(kernels);
    CHECK(kernels_check(kernels, &err) == 0, "%s did not fail", kernels_name(kernels));
    kernels_free(kernels);
}

#endif
