#include "feed.h"

#include <inttypes.h>
#include <libdeflate.h>
#include <stdio.h>

#include "base/num_internal.h"
#include "comm/comm_internal.h"
#include "stream/pack_internal.h"
#include "train/handed_internal.h"

static void use_rows(void *arg, bool *used, int n)
{
    const Feed *feed = arg;
    training_rows(used, &feed->training, n);
}

int feed_open(Feed *feed, const Options *options, int64_t start, Err *err)
{
    *feed = (Feed){.batch = start - 1, .batches = -1, .training = options->training};
    if (options->pack == NULL) {
        feed->batch = -1;
        if (comm_rank(options->training.comm) > 0)
            return 0;
        feed->reader = reader_open(options->batches, err);
        return feed->reader != NULL ? 0 : -1;
    }
    BatcherOptions batching = options->batching;
    batching.start = start;
    feed->training.batch = (int)batching.order.batch;
    if (comm_size(options->training.comm) > 1) {
        batching.use = use_rows;
        batching.use_arg = feed;
    }
    if (batching.order.epochs == 0)
        batching.order.epochs = 1; /* its first batch has the size of the faces */
    feed->batcher = batcher_open(options->pack, &batching, err);
    if (feed->batcher == NULL)
        return -1;
    feed->batches = batcher_batches(feed->batcher);
    return 0;
}

void feed_close(Feed *feed)
{
    faces_release(&feed->faces);
    frame_release(&feed->own);
    batcher_close(feed->batcher);
    reader_close(feed->reader);
}

const char *feed_by(const Feed *feed)
{
    if (feed->batcher != NULL)
        return batcher_by(feed->batcher);
    return feed->reader != NULL ? reader_by(feed->reader) : "";
}

enum { NUMBER_BITS = 62 }; /* so that counting on from it does not overflow */

/* A whole number from the frame's metadata, or the other one when there is none. */
static int64_t number_of(const Frame *frame, const char *key, int64_t otherwise)
{
    int64_t value;
    const char *text = frame_meta(frame, key);
    return text != NULL && num_int(text, 0, INT64_C(1) << NUMBER_BITS, &value) ? value : otherwise;
}

static int next_frame(Feed *feed, Err *err)
{
    if (feed->batcher != NULL)
        return batcher_next(feed->batcher, &feed->frame, err);
    frame_release(&feed->own);
    feed->frame = &feed->own;
    int rc = feed->reader != NULL ? reader_next(feed->reader, &feed->own, err) : 0;
    return handed_frame(feed->training.comm, &feed->own, rc, err);
}

static int check_batch(Feed *feed, Err *err)
{
    Err inner = {0};
    if (faces_of(&feed->faces, feed->frame, &inner) != 0)
        return err_set(err, "batch %" PRId64 ": %s", feed->batch + 1, inner.text);
    if (feed->identities == 0)
        feed->identities = number_of(feed->frame, "identities", 0);
    if (feed->faces.rows.n == 0)
        return 0;
    feed->batch = number_of(feed->frame, "batch", feed->batch + 1);
    feed->epoch = number_of(feed->frame, "epoch", feed->epoch);
    feed->batches = number_of(feed->frame, "batches", feed->batches);
    if (feed->faces.image == NULL)
        return err_set(err,
                       "batch %" PRId64 ": its faces are JPEG files; use face-batch to decode them",
                       feed->batch);
    return 0;
}

/* The CRC-32 of the first batch's pictures and labels. */
static void take_print(Feed *feed)
{
    const Faces *faces = &feed->faces;
    size_t bytes = (size_t)faces->rows.n * (size_t)faces->h * (size_t)faces->w * 3;
    feed->print = libdeflate_crc32(0, faces->image->data, bytes);
    for (int64_t i = 0; i < faces->rows.n; i++) {
        int64_t label = faces_label(faces, i);
        feed->print = libdeflate_crc32(feed->print, &label, sizeof label);
    }
    feed->has_print = true;
}

/* Passes over frames without rows: what ends a stream, or nothing that was selected from one. */
int feed_next(Feed *feed, Err *err)
{
    double begun = cli_clock();
    int rc;
    do {
        faces_release(&feed->faces);
        rc = next_frame(feed, err);
        if (rc == 1 && check_batch(feed, err) != 0)
            rc = -1;
    } while (rc == 1 && feed->faces.rows.n == 0);
    feed->waited += cli_clock() - begun;
    if (rc == 1 && feed->batch == 0)
        take_print(feed);
    return rc;
}

void feed_fingerprint(const Feed *feed, char text[FEED_PRINT])
{
    uint32_t sum;
    text[0] = '\0';
    if (feed->batcher != NULL && batcher_fingerprint(feed->batcher, &sum))
        snprintf(text, FEED_PRINT, "pack:%08" PRIx32, sum);
    else if (feed->has_print)
        snprintf(text, FEED_PRINT, "batch:%08" PRIx32, feed->print);
}

/* One more than the largest label of a pack. Its pictures are not read for that: their CRC-32 is
 * checked when they are first trained on. */
static int64_t count_identities(const char *path, Err *err)
{
    int64_t most = -1;
    Pack *pack = pack_open(path, err);
    for (size_t i = 0; pack != NULL && i < pack_frames(pack); i++) {
        Faces faces;
        if (faces_of(&faces, pack_frame_unchecked(pack, i), err) != 0)
            break;
        for (int64_t row = 0; row < faces.rows.n; row++)
            most = faces_label(&faces, row) > most ? faces_label(&faces, row) : most;
        faces_release(&faces);
    }
    pack_close(pack);
    if (err_is_set(err))
        return -1;
    if (most < 0)
        return err_set(err, "%s: no face has a label, the number of its identity", path);
    if (most >= INT32_MAX)
        return err_set(err,
                       "%s: the largest label is %" PRId64
                       "; labels are numbers of identities, from 0, and a head has at most %d",
                       path, most, INT32_MAX);
    return most + 1;
}

int64_t feed_identities(const Feed *feed, const char *pack, Err *err)
{
    /* the metadata of a pack's first frame knows nothing of streams that were joined to it */
    if (pack != NULL)
        return count_identities(pack, err);
    return feed->identities;
}
