/* Places for tensors in one block of memory, shared by those that are not alive at the same time.
 */
#ifndef NN_ARENA_INTERNAL_H
#define NN_ARENA_INTERNAL_H

#include <stddef.h>

#include "base/err.h"

typedef struct ArenaItem {
    size_t size;     /* what it takes */
    int first, last; /* the times it lives, both included */
    size_t offset;   /* result */
} ArenaItem;

/* Gives each an offset so that no two that live at the same time overlap: the largest first, each
 * at the lowest place that is free during its life. *length = the size of the whole. */
int arena_place(ArenaItem *items, int count, size_t *length, Err *err);

#endif
