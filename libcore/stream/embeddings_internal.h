/* Embeddings gathered a frame at a time, from frames that need not be in a file. */
#ifndef STREAM_EMBEDDINGS_INTERNAL_H
#define STREAM_EMBEDDINGS_INTERNAL_H

#include "stream/embeddings.h"
#include "stream/frame.h"

/* How much is allocated, in rows and in bytes of keys and names. Zeroed at first, like the
 * embeddings. */
typedef struct EmbeddingRoom {
    size_t rows, key, name;
} EmbeddingRoom;

int embeddings_append(Embeddings *e, EmbeddingRoom *room, const Frame *frame, Err *err);

#endif
