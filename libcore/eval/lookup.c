#include "eval/lookup.h"

#include <stdlib.h>
#include <string.h>

Name name_tail(const char *name, int length, int components)
{
    int begin = length, end = length;
    for (int i = length - 1; i >= 0 && name[i] != '/'; i--)
        if (name[i] == '.' && i > 0 && name[i - 1] != '/') {
            end = i;
            break;
        }
    while (begin > 0 && (name[begin - 1] != '/' || --components > 0))
        begin--;
    return (Name){name + begin, end - begin};
}

static Name row_name(const Lookup *lookup, int64_t row)
{
    int length;
    const char *key = eval_key(lookup->rows, row, &length);
    return name_tail(key, length, lookup->components);
}

/* FNV-1a */
static uint64_t hash(Name name)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (int i = 0; i < name.length; i++)
        h = (h ^ (unsigned char)name.at[i]) * 0x100000001b3u;
    return h ^ h >> 32;
}

/* The slot of the row of that name, or the free one where it belongs. */
static int64_t *find(const Lookup *lookup, Name name)
{
    for (uint64_t i = hash(name) & lookup->mask;; i = (i + 1) & lookup->mask) {
        int64_t *slot = &lookup->slot[i];
        if (*slot < 0)
            return slot;
        Name other = row_name(lookup, *slot);
        if (other.length == name.length && memcmp(other.at, name.at, (size_t)name.length) == 0)
            return slot;
    }
}

static int twice(const EvalRows *rows, int64_t a, int64_t b, Err *err)
{
    int length[2];
    const char *key[2] = {eval_key(rows, a, &length[0]), eval_key(rows, b, &length[1])};
    return err_set(err, "rows %lld (%.*s) and %lld (%.*s) have the same name", (long long)a,
                   length[0], key[0], (long long)b, length[1], key[1]);
}

int lookup_build(Lookup *lookup, const EvalRows *rows, int components, Err *err)
{
    uint64_t slots = 16;
    while (slots < 2 * (uint64_t)rows->n)
        slots *= 2;
    *lookup = (Lookup){rows, components, malloc(slots * sizeof(int64_t)), slots - 1};
    if (lookup->slot == NULL)
        return err_memory(err, "the names of rows", slots * sizeof(int64_t));
    memset(lookup->slot, 0xff, slots * sizeof(int64_t));
    for (int64_t row = 0; row < rows->n; row++) {
        int64_t *slot = find(lookup, row_name(lookup, row));
        if (*slot >= 0) {
            int rc = twice(rows, *slot, row, err);
            lookup_free(lookup);
            return rc;
        }
        *slot = row;
    }
    return 0;
}

void lookup_free(Lookup *lookup)
{
    free(lookup->slot);
    lookup->slot = NULL;
}

int64_t lookup_find(const Lookup *lookup, const char *name)
{
    return *find(lookup, name_tail(name, (int)strlen(name), lookup->components));
}
