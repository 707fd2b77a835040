/* Makes one batch: rows are picked one by one, then their pictures are decoded and augmented by a
 * pool of threads, each into its place. */
#ifndef BATCH_ASSEMBLE_INTERNAL_H
#define BATCH_ASSEMBLE_INTERNAL_H

#include "base/pool.h"
#include "image/augment_internal.h"
#include "stream/faces.h"

/* Faces, and their columns without the picture. */
typedef struct FaceView {
    Faces faces;
    Rows rest;
} FaceView;

int faceview_of(FaceView *view, const Frame *frame, Err *err);
void faceview_release(FaceView *view); /* safe on a zeroed one */

/* A batch and the memory of its pictures, which is used again for later batches. */
typedef struct Batch {
    Frame frame;
    uint8_t *image;
    size_t room;
} Batch;

void batch_release(Batch *batch); /* safe on a zeroed one */

typedef struct Assembler Assembler;

/* Sets used[n], of a batch of n rows, where its pictures will be looked at; the others are not
 * decoded, and their pixels are anything. */
typedef void BatchUse(void *arg, bool *used, int n);
void assembler_use(Assembler *assembler, BatchUse *use, void *arg);

/* name is the stream's, for messages, and borrowed. NULL on failure. */
Assembler *assembler_new(const char *name, const Augment *augment, uint64_t seed, int threads,
                         Err *err);
void assembler_free(Assembler *assembler); /* NULL is fine */

/* Picks row i of the view, which is row `number` of the stream. The view's frame must stay until
 * the batch is made. All faces of all batches have the size of the first. */
int assembler_pick(Assembler *assembler, const FaceView *view, int64_t i, int64_t number, Err *err);

/* Makes a batch of what was picked: `image` U8 [n,h,w,3], every other column as it was, and the
 * metadata "kind". Its first row stands at `position` of the epoch. */
int assembler_make(Assembler *assembler, Batch *batch, int64_t epoch, int64_t position, Err *err);

#endif
