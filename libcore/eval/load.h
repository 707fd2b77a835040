/* A whole stream of embeddings as arrays. */
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

#endif
