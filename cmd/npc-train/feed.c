#include "feed.h"

#include <inttypes.h>

#include "base/num.h"
#include "stream/pack.h"

int feed_open(Feed *feed, const Options *options, int64_t start, Err *err)
{
    *feed = (Feed){.batch = -1, .batches = -1};
    if (options->pack == NULL) {
        feed->reader = reader_open(options->batches, err);
        return feed->reader != NULL ? 0 : -1;
    }
    BatcherOptions batching = options->batching;
    batching.start = start;
    if (batching.order.epochs == 0)
        batching.order.epochs = 1; /* its first batch tells the size of the faces */
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
    return feed->batcher != NULL ? batcher_by(feed->batcher) : reader_by(feed->reader);
}

/* A whole number from the frame's metadata, or the other one when there is none. */
static int64_t number_of(const Frame *frame, const char *key, int64_t otherwise)
{
    int64_t value;
    const char *text = frame_meta(frame, key);
    return text != NULL && num_int(text, 0, INT64_MAX, &value) ? value : otherwise;
}

static int next_frame(Feed *feed, Err *err)
{
    if (feed->batcher != NULL)
        return batcher_next(feed->batcher, &feed->frame, err);
    int rc;
    do {
        frame_release(&feed->own);
        rc = reader_next(feed->reader, &feed->own, err);
        feed->frame = &feed->own;
    } while (rc == 1 && feed->own.tensors == 0); /* what ends a stream */
    return rc;
}

static int check_batch(Feed *feed, Err *err)
{
    Err inner = {0};
    if (faces_of(&feed->faces, feed->frame, &inner) != 0)
        return err_set(err, "batch %" PRId64 ": %s", feed->batch, inner.text);
    if (feed->faces.image == NULL)
        return err_set(err, "batch %" PRId64 ": its faces are JPEG files; face-batch decodes them",
                       feed->batch);
    return 0;
}

int feed_next(Feed *feed, Err *err)
{
    double begun = cli_clock();
    faces_release(&feed->faces);
    int rc = next_frame(feed, err);
    feed->waited += cli_clock() - begun;
    if (rc <= 0)
        return rc;
    feed->batch = number_of(feed->frame, "batch", feed->batch + 1);
    feed->epoch = number_of(feed->frame, "epoch", feed->epoch);
    feed->batches = number_of(feed->frame, "batches", feed->batches);
    return check_batch(feed, err) == 0 ? 1 : -1;
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
    return err_is_set(err) ? -1 : most + 1;
}

int64_t feed_identities(const Feed *feed, const char *pack, Err *err)
{
    /* the metadata of a pack's first frame knows nothing of streams that were joined to it */
    if (pack != NULL)
        return count_identities(pack, err);
    return feed->frame != NULL ? number_of(feed->frame, "identities", 0) : 0;
}
