#include "base/index.h"

#include <stdlib.h>
#include <string.h>

/* The slot that holds the name, or the empty one where it would be put. */
static size_t place(const Index *index, IndexName *name, const void *owner, const char *text,
                    size_t length)
{
    size_t at = hash_bytes(&index->key, text, length) & (index->slots - 1), other;
    for (; index->slot[at] != 0; at = (at + 1) & (index->slots - 1)) {
        const char *have = name(owner, index->slot[at] - 1, &other);
        if (other == length && memcmp(have, text, length) == 0)
            break;
    }
    return at;
}

static int grow(Index *index, IndexName *name, const void *owner, Err *err)
{
    Index wider = {.slots = index->slots > 0 ? 2 * index->slots : 64,
                   .used = index->used,
                   .key = index->slots > 0 ? index->key : hash_key()};
    wider.slot = calloc(wider.slots, sizeof *wider.slot);
    if (wider.slot == NULL)
        return err_memory(err, "an index of names", wider.slots * sizeof *wider.slot);
    for (size_t i = 0; i < index->slots; i++) {
        size_t length;
        if (index->slot[i] == 0)
            continue;
        const char *text = name(owner, index->slot[i] - 1, &length);
        wider.slot[place(&wider, name, owner, text, length)] = index->slot[i];
    }
    free(index->slot);
    *index = wider;
    return 0;
}

int index_add(Index *index, IndexName *name, const void *owner, size_t i, Err *err)
{
    size_t length;
    if (i >= UINT32_MAX)
        return err_set(err, "more than %u names", UINT32_MAX - 1);
    if (2 * (index->used + 1) > index->slots && grow(index, name, owner, err) != 0)
        return -1;
    const char *text = name(owner, i, &length);
    index->slot[place(index, name, owner, text, length)] = (uint32_t)i + 1;
    index->used++;
    return 0;
}

int64_t index_find(const Index *index, IndexName *name, const void *owner, const char *text,
                   size_t length)
{
    return index->slots == 0 ? -1
                             : (int64_t)index->slot[place(index, name, owner, text, length)] - 1;
}

void index_clear(Index *index)
{
    if (index->slots > 0)
        memset(index->slot, 0, index->slots * sizeof *index->slot);
    index->used = 0;
}

void index_release(Index *index)
{
    free(index->slot);
    *index = (Index){0};
}
