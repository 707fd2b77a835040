/* Several processes as threads of one: a transport through memory, and a function that every member
 * of the crew runs with its Comm. */
#ifndef CREW_H
#define CREW_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "comm/comm_internal.h"

enum { CREW_MOST = 16 };

/* A message on its way, by sender and receiver. */
typedef struct Letter {
    const void *bytes;
    size_t size;
    bool full;
} Letter;

typedef struct Crew {
    int size;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    Letter letter[TRANSPORT_CHANNELS][CREW_MOST][CREW_MOST];
    void (*work)(Comm *comm, void *arg);
    void *arg;
} Crew;

typedef struct Member {
    Crew *crew;
    int rank;
    pthread_t thread;
} Member;

static inline void crew_exchange(void *self, int channel, int to, const void *out, size_t bytes,
                                 int from, void *in, size_t in_bytes)
{
    Member *me = self;
    Crew *crew = me->crew;
    pthread_mutex_lock(&crew->lock);
    Letter *mine = to >= 0 ? &crew->letter[channel][me->rank][to] : NULL;
    Letter *theirs = from >= 0 ? &crew->letter[channel][from][me->rank] : NULL;
    if (mine != NULL)
        *mine = (Letter){out, bytes, true};
    pthread_cond_broadcast(&crew->changed);
    while (theirs != NULL && !theirs->full)
        pthread_cond_wait(&crew->changed, &crew->lock);
    if (theirs != NULL) {
        if (theirs->size != in_bytes)
            abort();
        memcpy(in, theirs->bytes, in_bytes);
        theirs->full = false;
        pthread_cond_broadcast(&crew->changed);
    }
    while (mine != NULL && mine->full)
        pthread_cond_wait(&crew->changed, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}

static inline void crew_abort(void *self, int status)
{
    (void)self;
    exit(status);
}

static inline void crew_close(void *self)
{
    (void)self;
}

static inline void *crew_main(void *arg)
{
    Member *me = arg;
    Err err = {0};
    Transport transport = {.rank = me->rank,
                           .size = me->crew->size,
                           .self = me,
                           .exchange = crew_exchange,
                           .abort = crew_abort,
                           .close = crew_close};
    Comm *comm = comm_new(&transport, &err);
    if (comm == NULL)
        abort();
    me->crew->work(comm, me->crew->arg);
    comm_free(comm);
    return NULL;
}

/* Every member of a crew of that size calls work(comm, arg). */
static inline void crew_run(int size, void (*work)(Comm *comm, void *arg), void *arg)
{
    Crew *crew = calloc(1, sizeof *crew);
    Member member[CREW_MOST];
    *crew = (Crew){.size = size, .work = work, .arg = arg};
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->changed, NULL);
    for (int r = 0; r < size; r++) {
        member[r] = (Member){.crew = crew, .rank = r};
        if (pthread_create(&member[r].thread, NULL, crew_main, &member[r]) != 0)
            abort();
    }
    for (int r = 0; r < size; r++)
        pthread_join(member[r].thread, NULL);
    pthread_cond_destroy(&crew->changed);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

#endif
