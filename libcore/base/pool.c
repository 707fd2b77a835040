#define _GNU_SOURCE /* sched_getaffinity */
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct Worker {
    Pool *pool;
    pthread_t thread;
    int index;
} Worker;

struct Pool {
    pthread_mutex_t lock;
    pthread_cond_t wake; /* a new run, or the end */
    pthread_cond_t done; /* the last worker of a run has finished */
    Worker *workers;     /* threads - 1 of them */
    int threads, started, busy;
    uint64_t run; /* counts the runs, so that a worker joins each once */
    bool stop;
    PoolTask *task;
    void *arg;
    int64_t n;
    _Atomic int64_t next;
};

static void pool_work(Pool *pool, int worker)
{
    for (;;) {
        int64_t i = atomic_fetch_add(&pool->next, 1);
        if (i >= pool->n)
            return;
        pool->task(pool->arg, i, worker);
    }
}

static void *worker_main(void *arg)
{
    Worker *worker = arg;
    Pool *pool = worker->pool;
    uint64_t seen = 0;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->run == seen && !pool->stop)
            pthread_cond_wait(&pool->wake, &pool->lock);
        if (pool->stop)
            break;
        seen = pool->run;
        pthread_mutex_unlock(&pool->lock);
        pool_work(pool, worker->index);
        pthread_mutex_lock(&pool->lock);
        if (--pool->busy == 0)
            pthread_cond_signal(&pool->done);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

Pool *pool_new(int threads, Err *err)
{
    Pool *pool = calloc(1, sizeof *pool);
    Worker *workers = calloc((size_t)threads, sizeof *workers);
    if (pool == NULL || workers == NULL) {
        free(pool);
        free(workers);
        err_memory(err, "a thread pool", sizeof *pool + (size_t)threads * sizeof *workers);
        return NULL;
    }
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->done, NULL);
    pool->workers = workers;
    pool->threads = threads;
    for (; pool->started < threads - 1; pool->started++) {
        Worker *worker = &workers[pool->started];
        *worker = (Worker){.pool = pool, .index = pool->started + 1};
        if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0) {
            err_set(err, "cannot start thread %d of %d", pool->started + 2, threads);
            pool_free(pool);
            return NULL;
        }
    }
    return pool;
}

void pool_free(Pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->started; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    free(pool->workers);
    free(pool);
}

int pool_threads(const Pool *pool)
{
    return pool->threads;
}

void pool_run(Pool *pool, int64_t n, PoolTask *task, void *arg)
{
    if (n <= 1 || pool->threads == 1) {
        for (int64_t i = 0; i < n; i++)
            task(arg, i, 0);
        return;
    }
    pthread_mutex_lock(&pool->lock);
    pool->task = task;
    pool->arg = arg;
    pool->n = n;
    atomic_store(&pool->next, 0);
    pool->busy = pool->threads - 1;
    pool->run++;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    pool_work(pool, 0);
    pthread_mutex_lock(&pool->lock);
    while (pool->busy > 0)
        pthread_cond_wait(&pool->done, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

int pool_processors(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}
