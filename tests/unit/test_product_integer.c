/* Products in whole numbers against direct sums: every bit. */
#include "base/real_internal.h"
#include "base/rng_internal.h"
#include "product/integer_internal.h"
#include "unit.h"

enum { M = 40, N = 45, K = 150 };

static real x[M * K], b[N * K], y[M * N], step[N], scale[N];
static uint8_t a[M * (K + 4) * 4];
static int whole[M * K], weight[N * K];

static void draw(int64_t m, const Integer *p, int high)
{
    Rng rng = rng_at(7, (uint64_t)m, (uint64_t)p->n, (uint64_t)p->k);
    for (int64_t i = 0; i < m * p->k; i++) {
        whole[i] = p->low + (int)rng_below(&rng, (uint64_t)(high - p->low + 1));
        x[i] = (real)whole[i] * (real)0.5;
    }
    for (int64_t j = 0; j < p->n; j++) {
        step[j] = (real)(0.01 + 0.1 * rng_unit(&rng));
        scale[j] = step[j];
        for (int64_t i = 0; i < p->k; i++) {
            weight[j * p->k + i] = (int)rng_below(&rng, 255) - 127;
            b[j * p->k + i] = (real)weight[j * p->k + i] * step[j];
        }
    }
}

/* The extremes, where what adds up pairs of products in sixteen bits would be cut off */
static void extreme(int64_t m, const Integer *p, int high)
{
    for (int64_t i = 0; i < m * p->k; i++) {
        whole[i] = i % 3 == 0 ? p->low : high;
        x[i] = (real)whole[i] * (real)0.5;
    }
    for (int64_t i = 0; i < p->n * p->k; i++) {
        weight[i] = i % 5 == 0 ? -127 : 127;
        b[i] = (real)weight[i] * step[i / p->k];
    }
}

static bool same(int64_t m, const Integer *p, int high)
{
    int64_t stride = integer_stride(p->k);
    size_t width = integer_width();
    void *packed = aligned_alloc(64, integer_packed(p));
    integer_pack(packed, b, step, p);
    for (int64_t i = 0; i < m; i++) {
        uint8_t *row = a + (size_t)(i * stride) * width;
        integer_zero(row, (size_t)stride, p->low);
        integer_round(row, x + i * p->k, (size_t)p->k, (real)0.5, p->low, high);
    }
    integer_run(y, a, packed, scale, m, p);
    free(packed);
    bool equal = true;
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < p->n; j++) {
            int32_t sum = 0;
            for (int64_t k = 0; k < p->k; k++)
                sum += whole[i * p->k + k] * weight[j * p->k + k];
            equal = equal && y[i * p->n + j] == (real)sum * scale[j];
        }
    return equal;
}

static void test_products(void)
{
    static const int shapes[][3] = {{1, 1, 1},  {1, 16, 4},  {6, 16, 8},  {12, 32, 64},
                                    {7, 17, 3}, {13, 45, 5}, {40, 20, 9}, {25, 31, 150}};
    static const int ranges[][2] = {{-128, 127}, {0, 255}, {-255, 0}, {-37, 218}};
    for (int s = 0; s < 8; s++)
        for (int r = 0; r < 4; r++) {
            Integer p = {.n = shapes[s][1], .k = shapes[s][2], .low = ranges[r][0]};
            draw(shapes[s][0], &p, ranges[r][1]);
            CHECK(same(shapes[s][0], &p, ranges[r][1]), "%d x %d x %d from %d on", shapes[s][0],
                  shapes[s][1], shapes[s][2], ranges[r][0]);
            extreme(shapes[s][0], &p, ranges[r][1]);
            CHECK(same(shapes[s][0], &p, ranges[r][1]), "extremes of %d x %d x %d from %d on",
                  shapes[s][0], shapes[s][1], shapes[s][2], ranges[r][0]);
        }
}

/* The number of row 0 of a, times one */
static real rounded(real value, int low, int high)
{
    const Integer one = {.n = 1, .k = 1, .low = low};
    static _Alignas(64) uint8_t packed[1024];
    const real unit = 1;
    real out;
    integer_pack(packed, &unit, &unit, &one);
    integer_zero(a, 4, low);
    integer_round(a, &value, 1, (real)0.5, low, high);
    integer_run(&out, a, packed, &unit, 1, &one);
    return out;
}

static void test_rounding(void)
{
    static const struct {
        double x;
        int low, high;
        double want;
    } cases[] = {{0.25, -128, 127, 0},       {0.75, -128, 127, 2},
                 {1.25, -128, 127, 2},       {-0.25, -128, 127, 0},
                 {-0.75, -128, 127, -2},     {1e9, -128, 127, 127},
                 {-1e9, -128, 127, -128},    {-1, 0, 255, 0},
                 {200, 0, 255, 255},         {INFINITY, -10, 245, 245},
                 {-INFINITY, -10, 245, -10}, {(double)NAN, -10, 245, -10}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK((double)rounded((real)cases[i].x, cases[i].low, cases[i].high) == cases[i].want,
              "%g becomes %g", cases[i].x, cases[i].want);
}

int main(void)
{
    test_products();
    test_rounding();
    return END_TESTS();
}
