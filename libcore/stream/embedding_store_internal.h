/* How the numbers of embeddings are stored: as floats, or in a half or a quarter of the bytes.
 *
 *   float  `embedding` F32 [n,d]
 *   bf16   `embedding` BF16 [n,d]: each rounded to the nearest, of two to the even one
 *   int8   `embedding` I8 [n,d] and `embedding_scale` F32 [n]: a number is its integer times the
 *          row's scale, the largest of the row 127 or -127 */
#ifndef STREAM_EMBEDDING_STORE_INTERNAL_H
#define STREAM_EMBEDDING_STORE_INTERNAL_H

#include "stream/frame.h"
#include "stream/rows.h"

typedef enum EmbeddingStore { STORE_FLOAT, STORE_BF16, STORE_INT8 } EmbeddingStore;

#define EMBEDDING_STORES "float|bf16|int8"

/* Adds the columns of x[n,d], finite numbers, to the frame, which takes copies. */
int embedding_store(Frame *frame, EmbeddingStore store, const float *x, int64_t n, int64_t d,
                    Err *err);

typedef struct StoredEmbeddings {
    const Column *column, *scale; /* scale: NULL but for int8 */
    int64_t d;
} StoredEmbeddings;

/* Finds the columns; d >= 1. */
int stored_embeddings(StoredEmbeddings *stored, const Rows *rows, Err *err);

/* out[d] = row i. */
void stored_embedding(float *out, const StoredEmbeddings *stored, int64_t i);

#endif
