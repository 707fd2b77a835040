/* Reals rounded to bfloat16, many at a time.
 *
 * Where the processor has instructions for it (cpu_has_bfloat()), functions marked WITH_BFLOAT use
 * them: only there may they be called. Those instructions take the numbers below 2^-126 for zero,
 * as its products do. */
#ifndef BASE_BFLOAT_INTERNAL_H
#define BASE_BFLOAT_INTERNAL_H

#include "base/half_internal.h"
#include "base/real_internal.h"

/* to[n] = from[n], rounded to the nearest, of two to the even one */
void bfloat_round(Bfloat *to, const real *from, size_t n);

#if defined(__x86_64__) && !defined(REAL_DOUBLE)
#include <immintrin.h>

#define WITH_BFLOAT __attribute__((target(TARGET_AVX512 ",avx512bf16")))
#define INLINE_BFLOAT                                                                              \
    static inline __attribute__((always_inline, target(TARGET_AVX512 ",avx512bf16")))

INLINE_BFLOAT void bfloat_store(Bfloat *to, Lanes v)
{
    __m256i rounded = (__m256i)_mm512_cvtneps_pbh((__m512)v);
    _mm256_storeu_si256((__m256i *)to, rounded);
}

/* Of n numbers, fewer than LANES. */
INLINE_BFLOAT void bfloat_few(Bfloat *to, const real *from, size_t n)
{
    __mmask16 which = (__mmask16)((1u << n) - 1);
    __m512 v = _mm512_maskz_loadu_ps(which, from);
    _mm256_mask_storeu_epi16(to, which, (__m256i)_mm512_cvtneps_pbh(v));
}

/* Two vectors, number by number in turn: even[0], odd[0], even[1] ... */
INLINE_BFLOAT void bfloat_store_pairs(Bfloat *to, Lanes even, Lanes odd)
{
    __m512i low = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh((__m512)even));
    __m512i high = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh((__m512)odd));
    _mm512_storeu_si512(to, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
}
#else
#define WITH_BFLOAT
#define INLINE_BFLOAT INLINE

INLINE_BFLOAT void bfloat_store(Bfloat *to, Lanes v)
{
    for (int l = 0; l < LANES; l++)
        to[l] = float_to_bfloat((float)v[l]);
}

INLINE_BFLOAT void bfloat_few(Bfloat *to, const real *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = float_to_bfloat((float)from[i]);
}

INLINE_BFLOAT void bfloat_store_pairs(Bfloat *to, Lanes even, Lanes odd)
{
    for (int l = 0; l < LANES; l++) {
        to[2 * l] = float_to_bfloat((float)even[l]);
        to[2 * l + 1] = float_to_bfloat((float)odd[l]);
    }
}
#endif

/* The same of one row, where it is inlined. */
INLINE_BFLOAT void bfloat_row(Bfloat *to, const real *from, size_t n)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        bfloat_store(to + i, *(const Lanes *)(from + i));
    if (i < n)
        bfloat_few(to + i, from + i, n - i);
}

#endif
