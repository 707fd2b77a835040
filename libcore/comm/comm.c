#include "comm/comm_internal.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/real_internal.h"

/* A vector of up to this many bytes is exchanged whole: one trip a level of the tree, not two. */
enum { SHORT = 4096, LEVELS = 31 };

struct Comm {
    Transport transport;
    int channel;
    Comm *main;   /* of a lane, else NULL */
    void *memory; /* for what comes in */
    size_t room;
    CommSpent spent;
    _Atomic int64_t operations;
    char (*host)[TRANSPORT_HOST]; /* [size] */
};

/* block[size][bytes], of which every process has its own part. */
static void gather_equal(Comm *comm, void *block, size_t bytes)
{
    size_t first[COMM_MOST + 1];
    for (int r = 0; r <= comm_size(comm); r++)
        first[r] = (size_t)r * bytes;
    comm_gather(comm, block, first);
}

Comm *comm_new(const Transport *transport, Err *err)
{
    int size = transport->size;
    if (size < 1 || size > COMM_MOST || (size & (size - 1)) != 0) {
        err_set(err, "%d processes: their number must be a power of two, up to %d", size,
                COMM_MOST);
        return NULL;
    }
    Comm *comm = calloc(1, sizeof *comm);
    char(*host)[TRANSPORT_HOST] = calloc((size_t)size, sizeof *host);
    if (comm == NULL || host == NULL) {
        free(comm);
        free(host);
        err_memory(err, "processes", sizeof *comm + (size_t)size * sizeof *host);
        return NULL;
    }
    comm->transport = *transport;
    comm->host = host;
    gethostname(host[transport->rank], TRANSPORT_HOST - 1);
    gather_equal(comm, host, sizeof *host);
    return comm;
}

void comm_free(Comm *comm)
{
    if (comm == NULL)
        return;
    if (comm->main == NULL) {
        comm->transport.close(comm->transport.self);
        free(comm->host);
    }
    free(comm->memory);
    free(comm);
}

Comm *comm_lane(Comm *comm, Err *err)
{
    Comm *lane = calloc(1, sizeof *lane);
    if (lane == NULL) {
        err_memory(err, "processes", sizeof *lane);
        return NULL;
    }
    lane->transport = comm->transport;
    lane->host = comm->host;
    lane->channel = 1;
    lane->main = comm;
    return lane;
}

int comm_rank(const Comm *comm)
{
    return comm != NULL ? comm->transport.rank : 0;
}

int comm_size(const Comm *comm)
{
    return comm != NULL ? comm->transport.size : 1;
}

const char *comm_host(const Comm *comm, int rank)
{
    return comm != NULL ? comm->host[rank] : "";
}

int comm_neighbours(const Comm *comm)
{
    int n = 0;
    for (int r = 0; r < comm_size(comm); r++)
        n += strcmp(comm_host(comm, r), comm_host(comm, comm_rank(comm))) == 0;
    return n;
}

enum { TEXT = 512 };

int comm_same(Comm *comm, const char *what, const char *text, Err *err)
{
    int size = comm_size(comm), other = 0;
    char(*all)[TEXT] = calloc((size_t)size, sizeof *all);
    if (all == NULL && comm != NULL)
        comm_abort(comm, 1);
    if (all == NULL)
        return err_memory(err, what, (size_t)size * sizeof *all);
    snprintf(all[comm_rank(comm)], TEXT, "%s", text);
    if (size > 1)
        gather_equal(comm, all, sizeof *all);
    while (other < size && strcmp(all[0], all[other]) == 0)
        other++;
    if (other < size)
        err_set(err, "process %d on %s has another %s than process 0 on %s: %s, not %s", other,
                comm_host(comm, other), what, comm_host(comm, 0), all[other], all[0]);
    free(all);
    return other < size ? -1 : 0;
}

void comm_abort(Comm *comm, int status)
{
    comm->transport.abort(comm->transport.self, status);
}

Leaves comm_leaves(const Comm *comm, int leaves)
{
    int count = leaves / comm_size(comm);
    return (Leaves){.first = comm_rank(comm) * count, .count = count};
}

int64_t comm_operations(const Comm *comm)
{
    return comm != NULL ? atomic_load(&comm->operations) : 0;
}

CommSpent comm_spent(const Comm *comm)
{
    return comm != NULL ? comm->spent : (CommSpent){0};
}

/* Memory for what comes in. Where there is none the job ends, as when the network fails. */
static void *incoming(Comm *comm, size_t bytes)
{
    if (bytes > comm->room) {
        free(comm->memory);
        comm->memory = malloc(bytes);
        comm->room = comm->memory != NULL ? bytes : 0;
        if (comm->memory == NULL)
            comm_abort(comm, 1);
    }
    return comm->memory;
}

static void send_and_receive(Comm *comm, int to, const void *out, size_t bytes, int from, void *in,
                             size_t in_bytes)
{
    struct timespec begun, now;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    comm->transport.exchange(comm->transport.self, comm->channel, to, out, bytes, from, in,
                             in_bytes);
    clock_gettime(CLOCK_MONOTONIC, &now);
    comm->spent.nanoseconds +=
        (now.tv_sec - begun.tv_sec) * INT64_C(1000000000) + (now.tv_nsec - begun.tv_nsec);
    comm->spent.bytes += to >= 0 ? (int64_t)bytes : 0;
    atomic_fetch_add(comm->main != NULL ? &comm->main->operations : &comm->operations, 1);
}

void comm_join(Comm *comm, void *vector, size_t bytes, CommJoin *join, void *arg)
{
    comm_join_part(comm, vector, bytes, join, arg, 1, comm_size(comm));
}

void comm_join_part(Comm *comm, void *vector, size_t bytes, CommJoin *join, void *arg, int from,
                    int to)
{
    int rank = comm_rank(comm);
    for (int half = from; half < to; half *= 2) {
        int other = rank ^ half, first = rank & ~(2 * half - 1);
        void *in = incoming(comm, bytes);
        send_and_receive(comm, other, vector, bytes, other, in, bytes);
        if (rank < other) {
            join(arg, vector, in, first, half);
        } else {
            join(arg, in, vector, first, half);
            memcpy(vector, in, bytes);
        }
    }
}

CLONES static void add_reals(real *x, const real *y, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        x[i] += y[i];
}

/* Which numbers of a vector a process has the sum of. */
typedef struct Piece {
    size_t first, end;
} Piece;

/* Recursive halving: at each level two processes share out what both have the sum of so far. A sum
 * of two does not depend on their order. */
static int scatter_sums(Comm *comm, real *x, Piece piece[LEVELS])
{
    int rank = comm_rank(comm), level = 0;
    for (int half = 1; half < comm_size(comm); half *= 2, level++) {
        int other = rank ^ half;
        Piece all = piece[level];
        size_t middle = all.first + (all.end - all.first) / 2;
        Piece low = {all.first, middle}, high = {middle, all.end};
        Piece keep = rank < other ? low : high, give = rank < other ? high : low;
        size_t bytes = (keep.end - keep.first) * sizeof *x;
        real *in = incoming(comm, bytes);
        send_and_receive(comm, other, x + give.first, (give.end - give.first) * sizeof *x, other,
                         in, bytes);
        add_reals(x + keep.first, in, keep.end - keep.first);
        piece[level + 1] = keep;
    }
    return level;
}

void comm_sum(Comm *comm, real *x, size_t n)
{
    Piece piece[LEVELS + 1] = {{0, n}};
    int rank = comm_rank(comm);
    if (n * sizeof *x <= SHORT) {
        for (int half = 1; half < comm_size(comm); half *= 2) {
            real *in = incoming(comm, n * sizeof *x);
            send_and_receive(comm, rank ^ half, x, n * sizeof *x, rank ^ half, in, n * sizeof *x);
            add_reals(x, in, n);
        }
        return;
    }
    int level = scatter_sums(comm, x, piece);
    for (int half = comm_size(comm) / 2; half >= 1; half /= 2, level--) {
        int other = rank ^ half;
        Piece have = piece[level], all = piece[level - 1];
        Piece want = rank < other ? (Piece){have.end, all.end} : (Piece){all.first, have.first};
        send_and_receive(comm, other, x + have.first, (have.end - have.first) * sizeof *x, other,
                         x + want.first, (want.end - want.first) * sizeof *x);
    }
}

CLONES void comm_add_doubles(void *arg, void *lower, const void *higher, int first, int half)
{
    (void)first;
    (void)half;
    size_t n = *(const size_t *)arg;
    double *x = lower;
    const double *y = higher;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        x[i] += y[i];
}

void comm_sum_doubles(Comm *comm, double *x, size_t n)
{
    comm_join(comm, x, n * sizeof *x, comm_add_doubles, &n);
}

static void join_largest(void *arg, void *lower, const void *higher, int first, int half)
{
    (void)first;
    (void)half;
    double *a = lower;
    const double *b = higher;
    for (size_t i = 0; i < *(const size_t *)arg; i++)
        a[i] = a[i] > b[i] ? a[i] : b[i];
}

void comm_largest(Comm *comm, double *x, size_t n)
{
    comm_join(comm, x, n * sizeof *x, join_largest, &n);
}

static void join_integers(void *arg, void *lower, const void *higher, int first, int half)
{
    (void)first;
    (void)half;
    int64_t *a = lower;
    const int64_t *b = higher;
    for (size_t i = 0; i < *(const size_t *)arg; i++)
        a[i] += b[i];
}

void comm_sum_integers(Comm *comm, int64_t *x, size_t n)
{
    comm_join(comm, x, n * sizeof *x, join_integers, &n);
}

void comm_gather_integers(Comm *comm, int64_t all[COMM_MOST], int64_t own)
{
    all[comm_rank(comm)] = own;
    if (comm_size(comm) > 1)
        gather_equal(comm, all, sizeof *all);
}

void comm_gather(Comm *comm, void *block, const size_t *first)
{
    char *bytes = block;
    int rank = comm_rank(comm);
    for (int half = 1; half < comm_size(comm); half *= 2) {
        int mine = rank & ~(half - 1), theirs = mine ^ half;
        send_and_receive(comm, rank ^ half, bytes + first[mine], first[mine + half] - first[mine],
                         rank ^ half, bytes + first[theirs], first[theirs + half] - first[theirs]);
    }
}

void comm_share(Comm *comm, void *block, size_t bytes)
{
    int rank = comm_rank(comm), half = comm_size(comm) / 2;
    for (; half >= 1; half /= 2) {
        if (rank % (2 * half) == 0)
            send_and_receive(comm, rank + half, block, bytes, -1, NULL, 0);
        else if (rank % (2 * half) == half)
            send_and_receive(comm, -1, NULL, 0, rank - half, block, bytes);
    }
}

void comm_bring(Comm *comm, void *block, size_t bytes, int from)
{
    if (from == 0)
        return;
    if (comm_rank(comm) == from)
        send_and_receive(comm, 0, block, bytes, -1, NULL, 0);
    else if (comm_rank(comm) == 0)
        send_and_receive(comm, -1, NULL, 0, from, block, bytes);
}

void comm_wait(Comm *comm)
{
    double nothing = 0;
    comm_sum_doubles(comm, &nothing, 1);
}

static double seconds_of(Comm *comm, int times, char *block, size_t bytes)
{
    int other = comm_rank(comm) ^ (comm_size(comm) / 2);
    int64_t before = comm->spent.nanoseconds;
    for (int i = 0; i < times; i++)
        send_and_receive(comm, other, block, bytes, other, block + bytes, bytes);
    return (double)(comm->spent.nanoseconds - before) / times / 1e9;
}

/* The same of the slowest process, in all: the fastest of some rounds, because other programs may
 * come between, of as many exchanges as the time allows. */
static double slowest_of(Comm *comm, double seconds, int most, char *block, size_t bytes)
{
    enum { ROUNDS = 4 };
    double fastest = seconds_of(comm, 2, block, bytes);
    comm_largest(comm, &fastest, 1);
    double allowed = seconds / ROUNDS / (fastest > 1e-9 ? fastest : 1e-9);
    int times = allowed > most ? most : allowed > 1 ? (int)allowed : 1;
    for (int k = 0; k < ROUNDS; k++) {
        double each = seconds_of(comm, times, block, bytes);
        fastest = each < fastest ? each : fastest;
    }
    comm_largest(comm, &fastest, 1);
    return fastest;
}

CommSpeed comm_measure(Comm *comm)
{
    enum { LONG = 1 << 20 };
    CommSpeed speed = {0};
    char *block = calloc(2, LONG);
    if (comm_size(comm) == 1) {
        free(block);
        return speed;
    }
    if (block == NULL)
        comm_abort(comm, 1);
    seconds_of(comm, 4, block, LONG / 8); /* connects, and warms up */
    comm_wait(comm);
    speed.latency = slowest_of(comm, 0.05, 50, block, 8);
    speed.bandwidth = LONG / slowest_of(comm, 0.25, 50, block, LONG);
    free(block);
    return speed;
}
