/* A pool of threads, which sleep while there is nothing to do.
 *
 * pool_run() calls task(arg, i, worker) once for every i in 0 .. n-1 and returns when all are done.
 * Which worker takes which i is not determined, so for results that do not depend on the number of
 * threads cut the work by its size, never by pool_threads(), and let each i write its own place.
 * The caller works too, as worker 0. One pool_run at a time; tasks must not call it. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stdint.h>

#include "base/api.h"
#include "base/err.h"

API_BEGIN

typedef struct Pool Pool;
typedef void PoolTask(void *arg, int64_t i, int worker);

/* threads >= 1 counts the caller. NULL on failure. */
Pool *pool_new(int threads, Err *err);
void pool_free(Pool *pool); /* NULL is fine */

int pool_threads(const Pool *pool);
void pool_run(Pool *pool, int64_t n, PoolTask *task, void *arg);

/* The number of processors this process may use, at least 1. */
int pool_processors(void);

API_END

#endif
