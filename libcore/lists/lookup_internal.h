/* Rows by the names that lists give them: a name and a key are the same image when their last
 * components agree, without what follows the last dot: "a/b/7.jpg" and "c/b/7.png" by two. */
#ifndef LISTS_LOOKUP_INTERNAL_H
#define LISTS_LOOKUP_INTERNAL_H

#include "base/index.h"
#include "stream/embeddings.h"

typedef struct LookupName {
    const char *at; /* not NUL-terminated */
    int length;
} LookupName;

/* The last components of name[length], without its extension. */
LookupName lookup_tail(const char *name, int length, int components);

typedef struct Lookup {
    const EmbeddingRows *rows;
    int components;
    Index index;
} Lookup;

/* components >= 1. Two rows of one name are an error naming both. */
int lookup_init(Lookup *lookup, const EmbeddingRows *rows, int components, Err *err);
void lookup_release(Lookup *lookup);

/* The row of that name, or -1. */
int64_t lookup_find(const Lookup *lookup, const char *name);

/* How many rows have the whole key of an earlier row, and in pair[2] the first two of one key.
 * Empty keys do not count. -1 on failure. */
int64_t lookup_repeated(int64_t pair[2], const EmbeddingRows *rows, Err *err);

#endif
