#include "scores/largest_internal.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "scores/score_key_internal.h"

enum { PENDING = 1 << 14 }; /* keys that a worker collects */

typedef struct Worker {
    int64_t n, seen;
    uint32_t key[PENDING];
} Worker;

struct Largest {
    int64_t k, n, room;
    uint32_t *key, *scratch; /* [room], sorted when they are full; the n first are in use */
    _Atomic uint32_t least;  /* k keys are at least this */
    bool finished;
    pthread_mutex_t lock;
    int workers;
    Worker *worker;
};

Largest *largest_new(int64_t k, int workers, Err *err)
{
    Largest *l = calloc(1, sizeof *l);
    if (l == NULL) {
        err_memory(err, "the largest scores", sizeof *l);
        return NULL;
    }
    l->k = k;
    l->room = k + (k > PENDING ? k : PENDING);
    l->workers = workers;
    l->key = malloc((size_t)l->room * sizeof *l->key);
    l->scratch = malloc((size_t)l->room * sizeof *l->scratch);
    l->worker = calloc((size_t)workers, sizeof *l->worker);
    if (l->key == NULL || l->scratch == NULL || l->worker == NULL ||
        pthread_mutex_init(&l->lock, NULL) != 0) {
        err_memory(err, "the largest scores", 2 * (size_t)l->room * sizeof *l->key);
        free(l->key);
        free(l->scratch);
        free(l->worker);
        free(l);
        return NULL;
    }
    return l;
}

void largest_free(Largest *l)
{
    if (l == NULL)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l->key);
    free(l->scratch);
    free(l->worker);
    free(l);
}

/* Sorts what there is and keeps the k largest. */
static void settle(Largest *l)
{
    score_keys_sort(l->key, l->scratch, l->n);
    if (l->n >= l->k) {
        memmove(l->key, l->key + l->n - l->k, (size_t)l->k * sizeof *l->key);
        l->n = l->k;
        l->least = l->key[0];
    }
}

static void flush(Largest *l, Worker *w)
{
    pthread_mutex_lock(&l->lock);
    if (l->n + w->n > l->room)
        settle(l);
    memcpy(l->key + l->n, w->key, (size_t)w->n * sizeof *w->key);
    l->n += w->n;
    w->n = 0;
    pthread_mutex_unlock(&l->lock);
}

void largest_add(Largest *l, int worker, const float *score, int64_t n)
{
    Worker *w = &l->worker[worker];
    uint32_t least = l->least;
    w->seen += n;
    for (int64_t i = 0; i < n; i++) {
        uint32_t key = score_key(score[i]);
        if (key <= least)
            continue;
        w->key[w->n++] = key;
        if (w->n == PENDING) {
            flush(l, w);
            least = l->least;
        }
    }
}

static void finish(Largest *l)
{
    if (l->finished)
        return;
    for (int i = 0; i < l->workers; i++)
        flush(l, &l->worker[i]);
    settle(l);
    l->finished = true;
}

/* A CommJoin: lower[k] becomes the k largest of both, ascending; 0 is no key. */
static void join_keys(void *arg, void *lower, const void *higher, int first, int half)
{
    (void)first;
    (void)half;
    Largest *l = arg;
    const uint32_t *a = lower, *b = higher;
    int64_t i = l->k - 1, j = i;
    for (int64_t at = l->k - 1; at >= 0; at--)
        l->scratch[at] = a[i] > b[j] ? a[i--] : b[j--];
    memcpy(lower, l->scratch, (size_t)l->k * sizeof *l->scratch);
}

void largest_join(Largest *l, Comm *comm)
{
    int64_t none, seen = largest_seen(l);
    finish(l);
    if (comm_size(comm) == 1)
        return;
    none = l->k - l->n;
    memmove(l->key + none, l->key, (size_t)l->n * sizeof *l->key);
    memset(l->key, 0, (size_t)none * sizeof *l->key);
    comm_join(comm, l->key, (size_t)l->k * sizeof *l->key, join_keys, l);
    for (none = 0; none < l->k && l->key[none] == 0; none++)
        ;
    l->n = l->k - none;
    memmove(l->key, l->key + none, (size_t)l->n * sizeof *l->key);
    comm_sum_integers(comm, &seen, 1);
    for (int i = 0; i < l->workers; i++)
        l->worker[i].seen = i == 0 ? seen : 0;
}

float largest_rank(Largest *l, int64_t rank)
{
    finish(l);
    return rank >= 1 && rank <= l->n ? score_of_key(l->key[l->n - rank]) : -INFINITY;
}

int64_t largest_seen(const Largest *l)
{
    int64_t seen = 0;
    for (int i = 0; i < l->workers; i++)
        seen += l->worker[i].seen;
    return seen;
}
