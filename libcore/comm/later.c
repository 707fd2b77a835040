#include "comm/later_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { MOST = 1024 }; /* under way */

typedef struct Sum {
    real *x;
    size_t n;
} Sum;

struct Later {
    Comm *lane;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    Sum sum[MOST];
    int asked, done;
    int64_t waited; /* nanoseconds */
    bool stop;
};

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void *later_main(void *arg)
{
    Later *later = arg;
    pthread_mutex_lock(&later->lock);
    for (;;) {
        while (later->done == later->asked && !later->stop)
            pthread_cond_wait(&later->changed, &later->lock);
        if (later->done == later->asked)
            break;
        Sum sum = later->sum[later->done];
        pthread_mutex_unlock(&later->lock);
        comm_sum(later->lane, sum.x, sum.n);
        pthread_mutex_lock(&later->lock);
        later->done++;
        pthread_cond_broadcast(&later->changed);
    }
    pthread_mutex_unlock(&later->lock);
    return NULL;
}

Later *later_new(Comm *comm, Err *err)
{
    Later *later = calloc(1, sizeof *later);
    if (later == NULL) {
        err_memory(err, "gradients on their way", sizeof *later);
        return NULL;
    }
    later->lane = comm_lane(comm, err);
    if (later->lane == NULL) {
        free(later);
        return NULL;
    }
    pthread_mutex_init(&later->lock, NULL);
    pthread_cond_init(&later->changed, NULL);
    if (pthread_create(&later->thread, NULL, later_main, later) == 0)
        return later;
    comm_free(later->lane);
    free(later);
    err_set(err, "cannot start a thread");
    return NULL;
}

void later_free(Later *later)
{
    if (later == NULL)
        return;
    pthread_mutex_lock(&later->lock);
    later->stop = true;
    pthread_cond_broadcast(&later->changed);
    pthread_mutex_unlock(&later->lock);
    pthread_join(later->thread, NULL);
    pthread_cond_destroy(&later->changed);
    pthread_mutex_destroy(&later->lock);
    comm_free(later->lane);
    free(later);
}

void later_sum(Later *later, real *x, size_t n)
{
    if (later->asked == MOST)
        later_wait(later);
    pthread_mutex_lock(&later->lock);
    later->sum[later->asked++] = (Sum){x, n};
    pthread_cond_broadcast(&later->changed);
    pthread_mutex_unlock(&later->lock);
}

void later_wait(Later *later)
{
    int64_t begun = now();
    pthread_mutex_lock(&later->lock);
    while (later->done < later->asked)
        pthread_cond_wait(&later->changed, &later->lock);
    later->done = later->asked = 0;
    pthread_mutex_unlock(&later->lock);
    later->waited += now() - begun;
}

int64_t later_waited(const Later *later)
{
    return later != NULL ? later->waited : 0;
}

CommSpent later_spent(const Later *later)
{
    return later != NULL ? comm_spent(later->lane) : (CommSpent){0};
}
