#include "product/peak_internal.h"

#include <time.h>

#include "base/cpu_internal.h"
#include "base/real_internal.h"

/* Multiply-adds take four or five cycles, and two begin in each: ten sums must be under way to keep
 * both units busy. */
enum { SUMS_WIDE = 12, SUMS = 10, ROUNDS = 1 << 22, TIMES = 4 };

#define MULTIPLY_ADD(name, Vector, sums)                                                           \
    INLINE void name(real *out, real half, int64_t rounds)                                         \
    {                                                                                              \
        Vector sum[sums], factor = {0}, all = {0};                                                 \
        factor += half;                                                                            \
        _Pragma("GCC unroll 12") for (int k = 0; k < sums; k++) sum[k] = factor * (real)k;         \
        for (int64_t i = 0; i < rounds; i++)                                                       \
            _Pragma("GCC unroll 12") for (int k = 0; k < sums; k++) sum[k] =                       \
                sum[k] * factor + factor;                                                          \
        _Pragma("GCC unroll 12") for (int k = 0; k < sums; k++) all += sum[k];                     \
        *out = all[0];                                                                             \
    }

MULTIPLY_ADD(multiply_add_wide, Lanes, SUMS_WIDE)
MULTIPLY_ADD(multiply_add, Half, SUMS)

#if defined(__x86_64__) && !defined(NO_CLONES)
__attribute__((target("arch=x86-64-v4"))) static void wide(real *out, real half, int64_t rounds)
{
    multiply_add_wide(out, half, rounds);
}
#else
static void wide(real *out, real half, int64_t rounds)
{
    multiply_add_wide(out, half, rounds);
}
#endif

CLONES static void narrow(real *out, real half, int64_t rounds)
{
    multiply_add(out, half, rounds);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void work(void *arg, int64_t i, int worker)
{
    volatile real *kept = (real *)arg + i * LANES; /* a line of the cache each */
    real sum;
    (void)worker;
    if (cpu_has_avx512())
        wide(&sum, (real)0.5, ROUNDS / SUMS_WIDE);
    else
        narrow(&sum, (real)0.5, ROUNDS / SUMS);
    *kept = sum;
}

double product_peak(Pool *pool)
{
    enum { MOST = 256 };
    real kept[MOST * LANES];
    int threads = pool_threads(pool) < MOST ? pool_threads(pool) : MOST;
    int sums = cpu_has_avx512() ? SUMS_WIDE : SUMS, lanes = cpu_has_avx512() ? LANES : HALF;
    double flops = 2.0 * lanes * (double)(ROUNDS / sums * sums), best = 0;
    for (int k = 0; k < TIMES; k++) {
        double begun = now();
        pool_run(pool, threads, work, kept);
        double rate = flops / (now() - begun);
        best = rate > best ? rate : best;
    }
    return best;
}
