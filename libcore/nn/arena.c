#include "nn/arena_internal.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/sort_internal.h"

static int larger_first(const void *a, const void *b)
{
    const ArenaItem *x = *(ArenaItem *const *)a, *y = *(ArenaItem *const *)b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return x < y ? -1 : x > y; /* qsort is not stable: keep the result the same everywhere */
}

static bool meet(const ArenaItem *a, const ArenaItem *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* placed[0 .. count-1] are in the order of their offsets. */
static size_t lowest_gap(ArenaItem *const *placed, int count, const ArenaItem *item)
{
    size_t at = 0;
    for (int i = 0; i < count; i++) {
        if (!meet(placed[i], item))
            continue;
        if (placed[i]->offset >= at + item->size)
            break;
        size_t end = placed[i]->offset + placed[i]->size;
        at = end > at ? end : at;
    }
    return at;
}

int arena_place(ArenaItem *items, int count, size_t *length, Err *err)
{
    ArenaItem **order = malloc(2 * ((size_t)count + 1) * sizeof *order);
    if (order == NULL)
        return err_memory(err, "a plan", 2 * ((size_t)count + 1) * sizeof *order);
    ArenaItem **placed = order + count;
    for (int i = 0; i < count; i++)
        order[i] = &items[i];
    sort_array(order, (size_t)count, sizeof *order, larger_first);
    *length = 0;
    for (int i = 0; i < count; i++) {
        ArenaItem *item = order[i];
        item->offset = lowest_gap(placed, i, item);
        if (item->offset + item->size > *length)
            *length = item->offset + item->size;
        int at = i;
        for (; at > 0 && placed[at - 1]->offset > item->offset; at--)
            placed[at] = placed[at - 1];
        placed[at] = item;
    }
    free(order);
    return 0;
}
