#include "product/peak_internal.h"

#include <time.h>

#include "base/cpu_internal.h"
#include "base/real_internal.h"

/* Multiply-adds take four or five cycles, and two begin in each: ten sums must be under way to keep
 * both units busy. Where a register is a half of Lanes, five of these are ten. */
enum { SUMS_WIDE = 12, SUMS = 5, ROUNDS = 1 << 22, TIMES = 4 };

INLINE void multiply_add(real *out, real half, int64_t rounds, int sums)
{
    Lanes sum[SUMS_WIDE], factor = {0};
    factor += half;
#pragma GCC unroll 12
    for (int k = 0; k < sums; k++)
        sum[k] = factor * (real)k;
    for (int64_t i = 0; i < rounds; i++)
#pragma GCC unroll 12
        for (int k = 0; k < sums; k++)
            sum[k] = sum[k] * factor + factor;
    Lanes all = {0};
#pragma GCC unroll 12
    for (int k = 0; k < sums; k++)
        all += sum[k];
    *out = all[0];
}

#if defined(__x86_64__) && !defined(NO_CLONES)
__attribute__((target("arch=x86-64-v4"))) static void wide(real *out, real half, int64_t rounds)
{
    multiply_add(out, half, rounds, SUMS_WIDE);
}
#else
static void wide(real *out, real half, int64_t rounds)
{
    multiply_add(out, half, rounds, SUMS_WIDE);
}
#endif

CLONES static void narrow(real *out, real half, int64_t rounds)
{
    multiply_add(out, half, rounds, SUMS);
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
    int sums = cpu_has_avx512() ? SUMS_WIDE : SUMS;
    double flops = 2.0 * LANES * (double)(ROUNDS / sums * sums), best = 0;
    for (int k = 0; k < TIMES; k++) {
        double begun = now();
        pool_run(pool, threads, work, kept);
        double rate = flops / (now() - begun);
        best = rate > best ? rate : best;
    }
    return best;
}
