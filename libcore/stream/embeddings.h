/* Embeddings of a stream as plain arrays, with the label and the key of each face: all of it, or a
 * frame at a time. */
#ifndef STREAM_EMBEDDINGS_H
#define STREAM_EMBEDDINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/api.h"
#include "base/err.h"

API_BEGIN

typedef struct EmbeddingRows {
    int64_t n, d;
    const float *embedding; /* [n,d] */
    const int64_t *label;   /* [n], negative: unknown; NULL where no labels are needed */
    const char *key;        /* the keys one after another, without a separator; or NULL */
    const int64_t *key_end; /* [n], the end of each key in key */
    const char *name;       /* the same of the identities' names; or NULL */
    const int64_t *name_end;
} EmbeddingRows;

/* The key of a row and its length, and the name of its identity; "" and 0 when there is none. Not
 * NUL-terminated. */
const char *embedding_key(const EmbeddingRows *rows, int64_t row, int *length);
const char *embedding_name(const EmbeddingRows *rows, int64_t row, int *length);

/* What made embeddings: the metadata "model" of their frames, a hash of the net and of what was
 * done to the pixels. Each "" where it is not known. */
enum { EMBEDDING_MODEL = 65 };

typedef struct EmbeddingModel {
    char first[EMBEDDING_MODEL]; /* the first that is known */
    char other[EMBEDDING_MODEL]; /* the first that is known and another one */
} EmbeddingModel;

/* Cosines between embeddings of different models mean nothing. Fails when a, or a and b, are known
 * to be of more than one; names are for the message. b may be NULL. */
int embeddings_one_model(const EmbeddingModel *a, const char *a_name, const EmbeddingModel *b,
                         const char *b_name, Err *err);

typedef struct Embeddings {
    EmbeddingRows rows; /* views what follows */
    float *embedding;
    int64_t *label; /* -1 where a frame has no labels */
    char *key, *name;
    int64_t *key_end, *name_end;
    bool has_labels, has_keys, has_names; /* whether any frame has */
    char *by;                             /* the provenance of the stream, "" for none */
    EmbeddingModel model;
} Embeddings;

/* Reads the columns `embedding` F32 [n,d], or stored as BF16 or I8, `label` I64 [n], `key` and
 * `name` of all frames; "-" is standard input. d must be the same everywhere. */
int embeddings_load(Embeddings *embeddings, const char *path, Err *err);
void embeddings_release(Embeddings *embeddings); /* safe on a zeroed one */

typedef struct EmbeddingReader EmbeddingReader;

/* The same a frame at a time. NULL on failure. */
EmbeddingReader *embeddings_open(const char *path, Err *err);
void embeddings_close(EmbeddingReader *reader); /* NULL is fine */

/* 1 and the rows of the next frame, which stay until the next call; 0 at the end; -1 on failure.
 * The label is NULL when there is no such column, and so are key and name. */
int embeddings_next(EmbeddingReader *reader, EmbeddingRows *rows, Err *err);

/* Of the frames so far. */
const EmbeddingModel *embeddings_model(const EmbeddingReader *reader);

API_END

#endif
