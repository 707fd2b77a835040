/* What a format of vectors.h consists of. For vectors.c and the files beside it. */
#ifndef SOURCE_VECTOR_KIND_INTERNAL_H
#define SOURCE_VECTOR_KIND_INTERNAL_H

#include "source/vectors_internal.h"

enum { VECTOR_MAX_WIDTH = 1 << 20 };

/* One row; what it points to stays until the next. */
typedef struct VectorRow {
    const float *vector; /* [d] */
    int64_t d;
    const char *key; /* NULL: none */
    size_t key_size;
    bool labelled;
    int64_t label;
} VectorRow;

typedef struct VectorKind {
    void *(*open)(const char *path, Err *err);
    int (*next)(void *state, VectorRow *row, Err *err); /* 1, 0 at the end, -1 */
    void (*close)(void *state);
} VectorKind;

extern const VectorKind vectors_npy, vectors_npz, vectors_megaface, vectors_magface, vectors_wds;

#endif
