/* Sums over all processes that travel while the computation goes on: in a thread and a channel of
 * their own. Every process asks for the same sums in the same order. */
#ifndef COMM_LATER_INTERNAL_H
#define COMM_LATER_INTERNAL_H

#include "comm/comm_internal.h"

typedef struct Later Later;

/* NULL on failure. */
Later *later_new(Comm *comm, Err *err);
void later_free(Later *later); /* NULL is fine; when nothing is under way */

/* x[n] becomes the sum over all ranks (comm_sum) some time before the next later_wait() returns. */
void later_sum(Later *later, real *x, size_t n);
void later_wait(Later *later);

/* In its thread, and by later_wait(); while nothing is under way. */
CommSpent later_spent(const Later *later);
int64_t later_waited(const Later *later); /* nanoseconds */

#endif
