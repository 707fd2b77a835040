/* Faces in, shuffled and augmented batches out, made ahead by threads of its own.
 *
 * A pack in a regular, uncompressed file is reached in any order: each epoch is shuffled completely
 * (batch/sampler_internal.h) and nothing of it is held in memory. Anything else - a pipe, a gzip-ed
 * file - is read once and goes through a bounded buffer (batch/shuffle_internal.h).
 *
 * A batch is a frame: `image` U8 [n,h,w,3], every other column of the faces as it was, and the
 * metadata "kind" = "faces", "epoch" and "batch" (both from 0, the latter through all epochs) and,
 * when it is known, "batches" (of all epochs). The first frame also has the metadata of the first
 * frame that was read. With the same options the batches are the same bytes for any number of
 * threads and for any start. */
#ifndef BATCH_BATCHER_INTERNAL_H
#define BATCH_BATCHER_INTERNAL_H

#include "batch/assemble_internal.h"
#include "batch/sampler_internal.h"
#include "image/augment_internal.h"
#include "stream/frame.h"

typedef struct BatcherOptions {
    SamplerOptions order;
    int64_t start;  /* the first batch to make; those before it are skipped */
    int64_t buffer; /* rows of the shuffle buffer of a pipe, >= 1 */
    Augment augment;
    int threads;   /* >= 1, to decode and augment; one more hands batches over */
    BatchUse *use; /* or NULL: the pictures of all rows are made */
    void *use_arg;
} BatcherOptions;

typedef struct Batcher Batcher;

/* path "-" is standard input. More than one epoch, or per_identity, is an error for what can be
 * read only once. A start after the last batch is an error; a start right behind the last batch
 * gives none. NULL on failure. */
Batcher *batcher_open(const char *path, const BatcherOptions *options, Err *err);

/* Waits for the batch being made. NULL is fine. */
void batcher_close(Batcher *batcher);

/* The next batch: 1, 0 at the end, -1 on failure. The frame belongs to the batcher and stays until
 * the next call; frame->last is set in the last batch where that is known. */
int batcher_next(Batcher *batcher, Frame **frame, Err *err);

/* Batches of the whole run including those before start, or -1 when that is not known. */
int64_t batcher_batches(const Batcher *batcher);

/* pack_fingerprint() of the faces; false for what can be read only once. */
bool batcher_fingerprint(const Batcher *batcher, uint32_t *sum);

const char *batcher_by(const Batcher *batcher); /* the provenance of the faces, or "" */

#endif
