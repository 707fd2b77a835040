#include "batch/batcher_internal.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "batch/supply_internal.h"

enum { SLOTS = 3 }; /* one with the reader, one ready, one being made */

/* Batch number k of this run (0 is the one at start) lives in slot k % SLOTS, from when it is made
 * until the reader has given it back. */
struct Batcher {
    Supply *supply;
    Assembler *assembler;
    int64_t start;
    Batch slot[SLOTS];
    int64_t shown; /* how many the reader has been shown; it holds the last of them */
    pthread_t maker;
    bool started;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    int64_t made, back; /* batches made, and given back */
    bool stop, ended;   /* the reader wants no more; the maker makes no more */
    Err failure;        /* why it ended, "" when the rows did */
};

static int describe(Batcher *batcher, Frame *frame, int64_t index, int64_t epoch, Err *err)
{
    int64_t batches = supply_batches(batcher->supply);
    const char *key[] = {"epoch", "batch", "batches"};
    int64_t value[] = {epoch, index, batches};
    for (int i = 0; i < (batches >= 0 ? 3 : 2); i++)
        if (frame_set_number(frame, key[i], value[i], err) != 0)
            return -1;
    frame->last = index + 1 == batches;
    if (index > batcher->start)
        return 0;
    const Frame *first = supply_first(batcher->supply, err);
    return first != NULL ? frame_inherit_meta(frame, first, err) : -1;
}

/* 1, 0 when there are no more, -1 on failure */
static int make_batch(Batcher *batcher, int64_t k, Err *err)
{
    Batch *batch = &batcher->slot[k % SLOTS];
    int64_t index = batcher->start + k;
    BatchSpan span;
    if (k == 0 && supply_skip(batcher->supply, batcher->start, err) != 0)
        return -1;
    int rc = supply_pick(batcher->supply, batcher->assembler, index, &span, err);
    if (rc <= 0)
        return rc;
    rc = assembler_make(batcher->assembler, batch, span.epoch, span.position, err);
    supply_done(batcher->supply);
    if (rc != 0)
        return -1;
    return describe(batcher, &batch->frame, index, span.epoch, err) == 0 ? 1 : -1;
}

static void *maker_main(void *arg)
{
    Batcher *batcher = arg;
    Err err = {0};
    pthread_mutex_lock(&batcher->lock);
    while (!batcher->ended) {
        while (batcher->made - batcher->back == SLOTS && !batcher->stop)
            pthread_cond_wait(&batcher->changed, &batcher->lock);
        if (batcher->stop)
            break;
        pthread_mutex_unlock(&batcher->lock);
        int rc = make_batch(batcher, batcher->made, &err);
        pthread_mutex_lock(&batcher->lock);
        batcher->made += rc > 0;
        batcher->ended = rc <= 0;
        batcher->failure = err;
        pthread_cond_broadcast(&batcher->changed);
    }
    pthread_mutex_unlock(&batcher->lock);
    return NULL;
}

Batcher *batcher_open(const char *path, const BatcherOptions *options, Err *err)
{
    Batcher *batcher = calloc(1, sizeof *batcher);
    if (batcher == NULL) {
        err_memory(err, "a batcher", sizeof *batcher);
        return NULL;
    }
    pthread_mutex_init(&batcher->lock, NULL);
    pthread_cond_init(&batcher->changed, NULL);
    batcher->start = options->start;
    batcher->supply = supply_open(path, &options->order, options->buffer, err);
    if (batcher->supply != NULL)
        batcher->assembler = assembler_new(supply_name(batcher->supply), &options->augment,
                                           options->order.seed, options->threads, err);
    if (batcher->assembler != NULL) {
        assembler_use(batcher->assembler, options->use, options->use_arg);
        batcher->started = pthread_create(&batcher->maker, NULL, maker_main, batcher) == 0;
        if (batcher->started)
            return batcher;
        err_set(err, "cannot start a thread");
    }
    batcher_close(batcher);
    return NULL;
}

void batcher_close(Batcher *batcher)
{
    if (batcher == NULL)
        return;
    pthread_mutex_lock(&batcher->lock);
    batcher->stop = true;
    pthread_cond_broadcast(&batcher->changed);
    pthread_mutex_unlock(&batcher->lock);
    if (batcher->started)
        pthread_join(batcher->maker, NULL);
    for (int i = 0; i < SLOTS; i++)
        batch_release(&batcher->slot[i]);
    assembler_free(batcher->assembler);
    supply_close(batcher->supply);
    pthread_cond_destroy(&batcher->changed);
    pthread_mutex_destroy(&batcher->lock);
    free(batcher);
}

int batcher_next(Batcher *batcher, Frame **frame, Err *err)
{
    pthread_mutex_lock(&batcher->lock);
    batcher->back = batcher->shown;
    pthread_cond_broadcast(&batcher->changed);
    while (batcher->made == batcher->shown && !batcher->ended)
        pthread_cond_wait(&batcher->changed, &batcher->lock);
    bool ready = batcher->made > batcher->shown;
    Err failure = batcher->failure;
    pthread_mutex_unlock(&batcher->lock);
    if (ready) {
        *frame = &batcher->slot[batcher->shown++ % SLOTS].frame;
        return 1;
    }
    return err_is_set(&failure) ? err_set(err, "%s", failure.text) : 0;
}

int64_t batcher_batches(const Batcher *batcher)
{
    return supply_batches(batcher->supply);
}

const char *batcher_by(const Batcher *batcher)
{
    return supply_by(batcher->supply);
}

bool batcher_fingerprint(const Batcher *batcher, uint32_t *sum)
{
    return supply_fingerprint(batcher->supply, sum);
}
