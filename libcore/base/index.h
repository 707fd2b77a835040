/* From a name to its number, in an array of named things that somebody else holds.
 *
 * An open table of numbers, hashed with a key of its own (base/hash.h). It keeps no names: callers
 * say how to find that of number i. Names are never removed; when the array is put into another
 * order, index_clear() and add all of them again. */
#ifndef BASE_INDEX_H
#define BASE_INDEX_H

#include <stdint.h>

#include "base/api.h"
#include "base/err.h"
#include "base/hash.h"

API_BEGIN

typedef struct Index {
    uint32_t
        *slot; /* number + 1, 0 where there is none; a power of two of them, half full at most */
    size_t slots, used;
    HashKey key;
} Index;

/* The name of number i, and in *length its bytes. */
typedef const char *IndexName(const void *owner, size_t i, size_t *length);

/* Adds number i, whose name must not be there yet. */
int index_add(Index *index, IndexName *name, const void *owner, size_t i, Err *err);

/* The number of that name, or -1. */
int64_t index_find(const Index *index, IndexName *name, const void *owner, const char *text,
                   size_t length);

void index_clear(Index *index);
void index_release(Index *index); /* safe on a zeroed one */

API_END

#endif
