/* Rows of a pipe in an order that a bounded buffer can give.
 *
 * The buffer is filled with the next rows until it holds `size` of them or the stream has ended;
 * then one of the rows in it, drawn by the seed and the number of the draw, is handed out, and so
 * on until nothing is left. So a row never comes more than `size` - 1 places too early, a size of 1
 * keeps the order, and a size of the whole stream is a full shuffle. At most `size` rows and one
 * frame of the input are in memory. */
#ifndef BATCH_SHUFFLE_INTERNAL_H
#define BATCH_SHUFFLE_INTERNAL_H

#include "stream/reader.h"

typedef struct Shuffle Shuffle;

/* A frame with one row in it. */
typedef struct ShuffleRow {
    Frame frame;
    int64_t number; /* of the row in the stream */
} ShuffleRow;

/* Opens the stream and reads its first frame. path "-" is standard input. NULL on failure. */
Shuffle *shuffle_open(const char *path, uint64_t seed, int64_t size, Err *err);
void shuffle_close(Shuffle *shuffle); /* NULL is fine */

/* The next row: 1 and a row whose frame the caller releases, 0 at the end, -1 on failure. */
int shuffle_next(Shuffle *shuffle, ShuffleRow *row, Err *err);

/* The metadata of the stream's first frame, for frame_inherit_meta(). */
const Frame *shuffle_first(const Shuffle *shuffle);

const char *shuffle_name(const Shuffle *shuffle); /* of the stream, for messages */
const char *shuffle_by(const Shuffle *shuffle);   /* its provenance, or "" */

#endif
