/* The batches of a training run, from a stream that face-batch made or from a pack through the
 * same sampler. */
#ifndef CMD_NPC_TRAIN_FEED_H
#define CMD_NPC_TRAIN_FEED_H

#include "options.h"
#include "stream/faces.h"
#include "stream/reader.h"

typedef struct Feed {
    StreamReader *reader; /* of the first process */
    Batcher *batcher;
    TrainingConfig training; /* which says whose pictures this process needs */
    Frame own;               /* of the reader */
    Frame *frame;            /* the current batch */
    Faces faces;
    int64_t batch, epoch; /* numbers of the current batch, from 0 */
    int64_t batches;      /* in all, -1 while unknown */
    int64_t identities;   /* as the stream's metadata say, 0 while they do not */
    bool has_print;
    uint32_t print; /* of the first batch */
    double waited;  /* seconds spent in feed_next */
} Feed;

/* A pack begins with batch number `start`; a stream brings all, and the caller skips. */
int feed_open(Feed *feed, const Options *options, int64_t start, Err *err);
void feed_close(Feed *feed); /* safe on a zeroed one */

/* The next batch: 1, 0 at the end, -1. */
int feed_next(Feed *feed, Err *err);

const char *feed_by(const Feed *feed); /* its provenance */

/* What distinguishes these batches from others, "pack:CRC" or, after the first feed_next(),
 * "batch:CRC" of the first batch; "" when nothing does. */
enum { FEED_PRINT = 32 };
void feed_fingerprint(const Feed *feed, char text[FEED_PRINT]);

/* How many identities there are: by the largest label of the pack, or when that is NULL by the
 * metadata of the stream; 0 when these do not say, -1 on failure. */
int64_t feed_identities(const Feed *feed, const char *pack, Err *err);

#endif
