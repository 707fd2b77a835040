#include "product/integer_internal.h"

#include <stdbool.h>
#include <string.h>

#include "base/cpu_internal.h"
#include "base/real_internal.h"

#if defined(__x86_64__) && !defined(NO_CLONES)
#include <immintrin.h>
#define INTEGER_VECTORS 1
#else
#define INTEGER_VECTORS 0
#endif

/* Outputs in a panel of the packed b, whose groups of numbers lie next to each other, and rows of a
 * that are worked on at a time: a panel's sums are two registers of AVX2 or one of AVX-512. */
enum { PANEL = 16, ROWS = 6, ROWS_WIDE = 12 };

/* Numbers that are multiplied and added at a time */
enum { PAIR = 2, QUAD = 4 };

static bool in_quads(void)
{
    return INTEGER_VECTORS && cpu_has_byte_products();
}

size_t integer_width(void)
{
    return in_quads() ? sizeof(uint8_t) : sizeof(int16_t);
}

int64_t integer_stride(int64_t k)
{
    return (k + QUAD - 1) / QUAD * QUAD;
}

static int64_t groups_of(int64_t k)
{
    return integer_stride(k) / (in_quads() ? QUAD : PAIR);
}

static int64_t panels_of(int64_t n)
{
    return (n + PANEL - 1) / PANEL;
}

/* Numbers of a --------------------------------------------------------------------------------- */

INLINE real whole(real x, real step, real low, real high)
{
    x = rint(x / step);
    x = x > low ? x : low;
    return x < high ? x : high;
}

CLONES static void round_bytes(uint8_t *a, const real *x, size_t count, real step, real low,
                               real high)
{
    for (size_t i = 0; i < count; i++)
        a[i] = (uint8_t)(int)(whole(x[i], step, low, high) - low);
}

CLONES static void round_shorts(int16_t *a, const real *x, size_t count, real step, real low,
                                real high)
{
    for (size_t i = 0; i < count; i++)
        a[i] = (int16_t)(int)whole(x[i], step, low, high);
}

void integer_round(void *a, const real *x, size_t count, real step, int low, int high)
{
    if (in_quads())
        round_bytes(a, x, count, step, (real)low, (real)high);
    else
        round_shorts(a, x, count, step, (real)low, (real)high);
}

void integer_zero(void *a, size_t count, int low)
{
    if (in_quads())
        memset(a, -low, count);
    else
        memset(a, 0, count * sizeof(int16_t));
}

/* b, packed: panels, and behind them what `low` adds to each output where a is taken from it on */

static size_t panel_bytes(int64_t k)
{
    size_t number = in_quads() ? sizeof(int8_t) : sizeof(int16_t);
    return (size_t)integer_stride(k) * PANEL * number;
}

size_t integer_packed(const Integer *p)
{
    size_t sums = (size_t)panels_of(p->n) * PANEL * sizeof(int32_t);
    return ((size_t)panels_of(p->n) * panel_bytes(p->k) + sums + 63) / 64 * 64;
}

static int32_t *sums_of(void *packed, const Integer *p)
{
    return (int32_t *)((char *)packed + (size_t)panels_of(p->n) * panel_bytes(p->k));
}

void integer_pack(void *packed, const real *b, const real *step, const Integer *p)
{
    int group = in_quads() ? QUAD : PAIR;
    int32_t *sum = sums_of(packed, p);
    memset(packed, 0, integer_packed(p));
    for (int64_t j = 0; j < p->n; j++) {
        size_t panel = (size_t)(j / PANEL) * panel_bytes(p->k);
        for (int64_t i = 0; i < p->k; i++) {
            int8_t number = (int8_t)rint(b[j * p->k + i] / step[j]);
            size_t at = (size_t)((i / group * PANEL + j % PANEL) * group + i % group);
            sum[j] += group == QUAD ? p->low * number : 0;
            if (group == QUAD)
                ((int8_t *)((char *)packed + panel))[at] = number;
            else
                ((int16_t *)((char *)packed + panel))[at] = number;
        }
    }
}

/* Blocks of sums: `rows` rows by a panel ----------------------------------------------------------
 */

static void block_plain(int32_t sum[][PANEL], const int16_t *a, const int16_t *b, int64_t stride,
                        int64_t groups, int rows)
{
    for (int r = 0; r < rows; r++)
        for (int64_t i = 0; i < groups; i++)
            for (int j = 0; j < PANEL; j++) {
                const int16_t *left = a + r * stride + i * PAIR;
                const int16_t *right = b + (i * PANEL + j) * PAIR;
                sum[r][j] += left[0] * right[0] + left[1] * right[1];
            }
}

#if INTEGER_VECTORS
INLINE int32_t group_at(const void *a)
{
    int32_t group;
    memcpy(&group, a, sizeof group);
    return group;
}

__attribute__((target("avx2"), always_inline)) static inline void
pairs(int32_t sum[][PANEL], const int16_t *a, const int16_t *b, int64_t stride, int64_t groups,
      int rows)
{
    __m256i s[ROWS][2];
    for (int r = 0; r < rows; r++)
        s[r][0] = s[r][1] = _mm256_setzero_si256();
    for (int64_t i = 0; i < groups; i++, a += PAIR, b += PANEL * PAIR) {
        __m256i b0 = _mm256_loadu_si256((const __m256i *)b);
        __m256i b1 = _mm256_loadu_si256((const __m256i *)(b + PANEL));
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            __m256i left = _mm256_set1_epi32(group_at(a + r * stride));
            s[r][0] = _mm256_add_epi32(s[r][0], _mm256_madd_epi16(left, b0));
            s[r][1] = _mm256_add_epi32(s[r][1], _mm256_madd_epi16(left, b1));
        }
    }
    for (int r = 0; r < rows; r++) {
        _mm256_storeu_si256((__m256i *)sum[r], s[r][0]);
        _mm256_storeu_si256((__m256i *)(sum[r] + PANEL / 2), s[r][1]);
    }
}

__attribute__((target("avx2"))) static void block_pairs(int32_t sum[][PANEL], const int16_t *a,
                                                        const int16_t *b, int64_t stride,
                                                        int64_t groups, int rows)
{
    if (rows == ROWS)
        pairs(sum, a, b, stride, groups, ROWS);
    else
        for (int r = 0; r < rows; r++)
            pairs(sum + r, a + r * stride, b, stride, groups, 1);
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"), always_inline)) static inline void
quads(int32_t sum[][PANEL], const uint8_t *a, const int8_t *b, int64_t stride, int64_t groups,
      int rows)
{
    __m512i s[ROWS_WIDE];
    for (int r = 0; r < rows; r++)
        s[r] = _mm512_setzero_si512();
    for (int64_t i = 0; i < groups; i++, a += QUAD, b += PANEL * QUAD) {
        __m512i right = _mm512_loadu_si512(b);
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++)
            s[r] = _mm512_dpbusd_epi32(s[r], _mm512_set1_epi32(group_at(a + r * stride)), right);
    }
    for (int r = 0; r < rows; r++)
        _mm512_storeu_si512(sum[r], s[r]);
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) static void
block_quads(int32_t sum[][PANEL], const uint8_t *a, const int8_t *b, int64_t stride, int64_t groups,
            int rows)
{
    if (rows == ROWS_WIDE)
        quads(sum, a, b, stride, groups, ROWS_WIDE);
    else
        for (int r = 0; r < rows; r++)
            quads(sum + r, a + r * stride, b, stride, groups, 1);
}
#endif

static void block(int32_t sum[][PANEL], const void *a, const void *b, const Integer *p, int rows)
{
    int64_t stride = integer_stride(p->k), groups = groups_of(p->k);
#if INTEGER_VECTORS
    if (in_quads()) {
        block_quads(sum, a, b, stride, groups, rows);
        return;
    }
    if (cpu_has_avx2()) {
        block_pairs(sum, a, b, stride, groups, rows);
        return;
    }
#endif
    memset(sum, 0, (size_t)rows * sizeof *sum);
    block_plain(sum, a, b, stride, groups, rows);
}

CLONES static void scale_block(real *y, int64_t n, const int32_t sum[][PANEL], const int32_t *more,
                               const real *scale, int rows, int columns)
{
    for (int r = 0; r < rows; r++, y += n)
        for (int j = 0; j < columns; j++)
            y[j] = (real)(sum[r][j] + more[j]) * scale[j];
}

void integer_run(real *y, const void *a, const void *packed, const real *scale, int64_t m,
                 const Integer *p)
{
    int32_t sum[ROWS_WIDE][PANEL];
    const int32_t *more = sums_of((void *)packed, p);
    int height = in_quads() ? ROWS_WIDE : ROWS;
    size_t row = (size_t)integer_stride(p->k) * integer_width();
    for (int64_t j = 0; j < p->n; j += PANEL) {
        const char *panel = (const char *)packed + (size_t)(j / PANEL) * panel_bytes(p->k);
        int columns = p->n - j < PANEL ? (int)(p->n - j) : PANEL;
        for (int64_t i = 0; i < m; i += height) {
            int rows = m - i < height ? (int)(m - i) : height;
            block(sum, (const char *)a + (size_t)i * row, panel, p, rows);
            scale_block(y + i * p->n + j, p->n, (const int32_t(*)[PANEL])sum, more + j, scale + j,
                        rows, columns);
        }
    }
}
