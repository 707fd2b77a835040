#include "product/peak_internal.h"

#include <time.h>

#include "base/real_internal.h"
#include "product/peak_loop_internal.h"

enum { TIMES = 4 };

static const PeakLoop *loop(void)
{
    return BY_WIDTH(peak_loop);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void work(void *arg, int64_t i, int worker)
{
    volatile real *kept = (real *)arg + i * LANES_MOST; /* a line of the cache each */
    real sum;
    (void)worker;
    loop()->run(&sum, (real)0.5);
    *kept = sum;
}

double product_peak(Pool *pool)
{
    enum { MOST = 256 };
    real kept[MOST * LANES_MOST];
    int threads = pool_threads(pool) < MOST ? pool_threads(pool) : MOST;
    double best = 0;
    for (int k = 0; k < TIMES; k++) {
        double begun = now();
        pool_run(pool, threads, work, kept);
        best = fmax(best, loop()->operations / (now() - begun));
    }
    return best;
}
