/* The transport over MPI: a shared object of its own, npcface-mpi.so, which a tool loads where a
 * launcher has started it as one of several processes. */
#include <mpi.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "comm/transport_internal.h"

/* MPI counts in int. */
enum { MOST = 1 << 30 };

/* A process that waits for another soon gives way to whoever has work, and then sleeps in between,
 * in the channel that runs beside the computation at once. */
enum { SPINS = 64, YIELDS = 2000, SLEEP = 20000 };

typedef struct Job {
    MPI_Comm channel[TRANSPORT_CHANNELS];
} Job;

static Job job;

TransportOpen npcface_transport_open;

static int count_of(size_t bytes)
{
    return bytes < (size_t)MOST ? (int)bytes : MOST;
}

static void wait_for(int n, MPI_Request *request, int channel)
{
    const struct timespec some = {.tv_nsec = SLEEP};
    MPI_Status
        status[2]; /* not asked; gcc takes MPICH's word for "ignore" for an array too short */
    int done = 0;
    for (int tries = channel == 0 ? 0 : YIELDS; !done; tries++) {
        MPI_Testall(n, request, &done, status);
        if (!done && tries >= YIELDS)
            nanosleep(&some, NULL);
        else if (!done && tries >= SPINS)
            sched_yield();
    }
}

/* Errors are fatal, which is MPI's default: it names the rank and ends the job. */
static void exchange(void *self, int channel, int to, const void *out, size_t bytes, int from,
                     void *in, size_t in_bytes)
{
    const Job *j = self;
    const char *o = out;
    char *i = in;
    int sends = to >= 0, receives = from >= 0;
    while (sends || receives) {
        MPI_Request request[2];
        int n = 0, some = count_of(bytes), some_in = count_of(in_bytes);
        if (receives)
            MPI_Irecv(i, some_in, MPI_BYTE, from, 0, j->channel[channel], &request[n++]);
        if (sends)
            MPI_Isend(o, some, MPI_BYTE, to, 0, j->channel[channel], &request[n++]);
        wait_for(n, request, channel);
        bytes -= sends ? (size_t)some : 0;
        in_bytes -= receives ? (size_t)some_in : 0;
        o += sends ? some : 0;
        i += receives ? some_in : 0;
        sends = sends && bytes > 0;
        receives = receives && in_bytes > 0;
    }
}

static void end_job(void *self, int status)
{
    (void)self;
    MPI_Abort(MPI_COMM_WORLD, status);
    exit(status);
}

static void close_job(void *self)
{
    Job *j = self;
    for (int k = 0; k < TRANSPORT_CHANNELS; k++)
        MPI_Comm_free(&j->channel[k]);
    MPI_Finalize();
}

__attribute__((visibility("default"))) int npcface_transport_open(Transport *transport, int version,
                                                                  char *why, size_t size)
{
    int level = 0;
    if (version != TRANSPORT_VERSION) {
        snprintf(why, size, "it is of another version");
        return -1;
    }
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_MULTIPLE, &level) != MPI_SUCCESS ||
        level < MPI_THREAD_MULTIPLE) {
        snprintf(why, size, "this MPI takes no calls from several threads");
        return -1;
    }
    *transport =
        (Transport){.self = &job, .exchange = exchange, .abort = end_job, .close = close_job};
    MPI_Comm_rank(MPI_COMM_WORLD, &transport->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &transport->size);
    for (int k = 0; k < TRANSPORT_CHANNELS; k++)
        MPI_Comm_dup(MPI_COMM_WORLD, &job.channel[k]);
    return 0;
}
