/* GFLOP/s of a square sgemm, by as many threads as there are processors: the best of five, by the
 * clock, and by the processor time of all threads, times their number, which says the same but on a
 * machine that is busy with other things. */
#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/pool.h"

enum { N = 4096, RUNS = 5 };

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(void)
{
    float *x[3];
    double best[2] = {0};
    for (int i = 0; i < 3; i++) {
        x[i] = malloc(sizeof(float[N][N]));
        if (x[i] == NULL)
            return 1;
        for (size_t k = 0; k < (size_t)N * N; k++)
            x[i][k] = (float)(k * 2654435761u >> 8 & 255) / 256 - 0.5f;
    }
    int threads = pool_processors();
    openblas_set_num_threads(threads);
    for (int run = 0; run < RUNS; run++) {
        double wall = seconds(CLOCK_MONOTONIC), used = seconds(CLOCK_PROCESS_CPUTIME_ID);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, N, N, N, 1, x[0], N, x[1], N, 0, x[2],
                    N);
        wall = seconds(CLOCK_MONOTONIC) - wall;
        used = seconds(CLOCK_PROCESS_CPUTIME_ID) - used;
        best[0] = fmax(best[0], 2.0 * N * N * N / wall / 1e9);
        best[1] = fmax(best[1], 2.0 * N * N * N / used / 1e9 * threads);
    }
    printf("%.1f\t%.1f\t%d\n", best[0], best[1], threads);
    return 0;
}
