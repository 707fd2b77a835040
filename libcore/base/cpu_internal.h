/* What the processor can do. */
#ifndef BASE_CPU_INTERNAL_H
#define BASE_CPU_INTERNAL_H

#include <stdbool.h>

/* AVX-512 as x86-64-v4 has it; not every compiler knows the level by its name. */
static inline bool cpu_has_avx512(void)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}

/* Besides AVX-512, products of pairs in bfloat16 */
static inline bool cpu_has_bfloat(void)
{
#ifdef __x86_64__
    return cpu_has_avx512() && __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

/* Besides AVX-512, products of four bytes that are added up */
static inline bool cpu_has_byte_products(void)
{
#ifdef __x86_64__
    return cpu_has_avx512() && __builtin_cpu_supports("avx512vnni");
#else
    return false;
#endif
}

static inline bool cpu_has_avx2(void)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return false;
#endif
}

#endif
