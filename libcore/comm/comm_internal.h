/* What the processes of a job do together: the few operations that training needs.
 *
 * All sums are those of a binary tree over the ranks, ((0+1)+(2+3))+..., the lower rank's part
 * first. A process that owns an aligned run of 2^k leaves of a longer tree sums these alone, in the
 * same way (comm_leaves), and the processes go on with the same tree: so every addition has the
 * same two operands however many processes there are, and the result the same bits.
 *
 * A NULL Comm is a process alone, for which everything here is nothing to do. The number of
 * processes is a power of two. Every process calls the same operations in the same order; what one
 * returns is there in all of them. There are no failures: a transport that fails ends the job. */
#ifndef COMM_COMM_INTERNAL_H
#define COMM_COMM_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/real.h"
#include "comm/transport_internal.h"

typedef struct Comm Comm;

enum { COMM_MOST = 256 }; /* processes */

/* Takes the transport over. NULL on failure: a number of processes that is no power of two is
 * one. */
Comm *comm_new(const Transport *transport, Err *err);

/* The same with the transport of a module, a shared object. */
Comm *comm_load(const char *module, Err *err);

/* Waits for the others where there is no failure to report; NULL is fine. */
void comm_free(Comm *comm);

/* The same processes in the second channel, for one other thread; to be freed before `comm`. What
 * it does counts among comm's operations. NULL on failure. */
Comm *comm_lane(Comm *comm, Err *err);

int comm_rank(const Comm *comm); /* 0 of 1 for a process alone */
int comm_size(const Comm *comm);
const char *comm_host(const Comm *comm, int rank); /* "" for a process alone */
int comm_neighbours(const Comm *comm);             /* processes on this host, this one included */

/* Is `text` the same in all processes? Where it is not, the error names two of them, what it is and
 * both texts: the same error in all of them. */
int comm_same(Comm *comm, const char *what, const char *text, Err *err);

/* Ends all processes, this one with `status`. Does not return; not for a process alone. */
void comm_abort(Comm *comm, int status);

/* A run of leaves of a tree with `leaves` of them, a power of two and a multiple of the size. */
typedef struct Leaves {
    int first, count;
} Leaves;

Leaves comm_leaves(const Comm *comm, int leaves);

/* vector[bytes] of all ranks from `first` on becomes what join() makes of it, by the tree: `lower`
 * is that of the ranks first .. first+half-1, `higher` of the next `half`; the result goes into
 * lower. Every process calls join() for its own part of the tree, and all come to the same. */
typedef void CommJoin(void *arg, void *lower, const void *higher, int first, int half);
void comm_join(Comm *comm, void *vector, size_t bytes, CommJoin *join, void *arg);

/* A part of that tree: from runs of `from` ranks, all of which have the same vector, up to runs of
 * `to`. Both are powers of two. */
void comm_join_part(Comm *comm, void *vector, size_t bytes, CommJoin *join, void *arg, int from,
                    int to);

/* A CommJoin: adds double higher[n] to lower[n]; arg is n, a size_t. */
void comm_add_doubles(void *arg, void *lower, const void *higher, int first, int half);

/* x[n] becomes the sum over all ranks, by the tree. A long vector is cut up on the way: 2 (P-1)/P
 * of it are sent. */
void comm_sum(Comm *comm, real *x, size_t n);
void comm_sum_doubles(Comm *comm, double *x, size_t n);

void comm_sum_integers(Comm *comm, int64_t *x, size_t n);

/* Each of x[n] becomes the largest that a rank has. */
void comm_largest(Comm *comm, double *x, size_t n);

/* The bytes first[r] .. first[r+1]-1 of block come from rank r. first[size+1]. */
void comm_gather(Comm *comm, void *block, const size_t *first);

/* all[size]: what each process says. */
void comm_gather_integers(Comm *comm, int64_t all[COMM_MOST], int64_t own);

/* block[bytes] of rank 0 goes to all. */
void comm_share(Comm *comm, void *block, size_t bytes);

/* block[bytes] of one rank goes to rank 0 alone; a no-op for rank 0's own. */
void comm_bring(Comm *comm, void *block, size_t bytes, int from);

void comm_wait(Comm *comm); /* until all processes are here */

/* Nanoseconds that this process spent in these operations, and bytes that it sent. */
typedef struct CommSpent {
    int64_t nanoseconds, bytes;
} CommSpent;

CommSpent comm_spent(const Comm *comm);

/* What the network gives, by a measurement of about a third of a second between the two halves of
 * the processes, all at a time: seconds that a short message takes, bytes a second in each
 * direction, of the slowest process. The same in all. */
typedef struct CommSpeed {
    double latency, bandwidth;
} CommSpeed;

CommSpeed comm_measure(Comm *comm);

/* Exchanges that are done; may be asked by another thread. */
int64_t comm_operations(const Comm *comm);

#endif
