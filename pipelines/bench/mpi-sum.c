/* mpi-sum MODULE FLOATS ROUNDS, by mpirun: milliseconds that a sum over all processes takes, by the
 * tree of comm_sum(), which has the same bits for any number of processes, and by MPI_Allreduce(),
 * which need not. Both take turns; the first rounds are not measured. Prints a line for each:
 * processes, floats, way, median, least, most. MODULE is npcface-mpi.so. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num_internal.h"
#include "comm/comm_internal.h"

enum { WARM = 3, WAYS = 2 };

static const char *const name[WAYS] = {"tree", "allreduce"};

static double seconds_of(int way, Comm *comm, float *x, size_t n)
{
    MPI_Barrier(MPI_COMM_WORLD);
    double begun = MPI_Wtime();
    if (way == 0)
        comm_sum(comm, x, n);
    else
        MPI_Allreduce(MPI_IN_PLACE, x, (int)n, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    MPI_Barrier(MPI_COMM_WORLD);
    return MPI_Wtime() - begun;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(Comm *comm, float *x, size_t n, double *seconds[WAYS], int rounds)
{
    for (int round = -WARM; round < rounds; round++)
        for (int way = 0; way < WAYS; way++) {
            for (size_t i = 0; i < n; i++)
                x[i] = (float)(i % 1000) * 1e-3F;
            double took = seconds_of(way, comm, x, n);
            if (round >= 0)
                seconds[way][round] = took;
        }
}

int main(int argc, char **argv)
{
    Err err = {0};
    int64_t n = 0, rounds = 0;
    if (argc != 4 || !num_int(argv[2], 1, INT32_MAX, &n) || !num_int(argv[3], 1, 10000, &rounds))
        return fputs("usage: mpi-sum MODULE FLOATS ROUNDS\n", stderr), 2;
    Comm *comm = comm_load(argv[1], &err);
    if (comm == NULL)
        return fprintf(stderr, "mpi-sum: %s\n", err.text), 1;
    float *x = malloc((size_t)n * sizeof *x);
    double *seconds[WAYS] = {malloc((size_t)rounds * sizeof(double)),
                             malloc((size_t)rounds * sizeof(double))};
    if (x == NULL || seconds[0] == NULL || seconds[1] == NULL)
        return fputs("mpi-sum: no memory\n", stderr), 1;
    measure(comm, x, (size_t)n, seconds, (int)rounds);
    for (int way = 0; way < WAYS && comm_rank(comm) == 0; way++) {
        qsort(seconds[way], (size_t)rounds, sizeof(double), ascending);
        printf("%d\t%lld\t%s\t%.3f\t%.3f\t%.3f\n", comm_size(comm), (long long)n, name[way],
               1e3 * seconds[way][rounds / 2], 1e3 * seconds[way][0],
               1e3 * seconds[way][rounds - 1]);
    }
    free(x);
    free(seconds[0]);
    free(seconds[1]);
    comm_free(comm);
    return 0;
}
