/* Embeddings of a stream as arrays: all of it, or a frame at a time. */
#ifndef EVAL_LOAD_H
#define EVAL_LOAD_H

#include <stdbool.h>

#include "eval/rows.h"

typedef struct Embeddings {
    EvalRows rows; /* views what follows */
    float *embedding;
    int64_t *label; /* -1 where a frame has no labels */
    char *key;
    int64_t *key_end;
    bool has_labels, has_keys; /* whether any frame has */
    char *by;                  /* the provenance of the stream, "" for none */
} Embeddings;

/* Reads the columns `embedding` F32 [n,d], `label` I64 [n] and `key` of all frames; "-" is
 * standard input. d must be the same everywhere. */
int embeddings_load(Embeddings *embeddings, const char *path, Err *err);
void embeddings_free(Embeddings *embeddings); /* safe on a zeroed one */

typedef struct EmbeddingReader EmbeddingReader;

/* The same a frame at a time. NULL on failure. */
EmbeddingReader *embeddings_open(const char *path, Err *err);
void embeddings_close(EmbeddingReader *reader); /* NULL is fine */

/* 1 and the rows of the next frame, which stay until the next call; 0 at the end; -1 on failure.
 * The label is NULL when there is no such column, and so is the key. */
int embeddings_next(EmbeddingReader *reader, EvalRows *rows, Err *err);

#endif
