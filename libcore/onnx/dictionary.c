#include "onnx/dictionary_internal.h"

#include <stdlib.h>
#include <string.h>

int dictionary_init(Dictionary *names, int room, Err *err)
{
    *names = (Dictionary){.buckets = 16, .key = hash_key()};
    while (names->buckets < 2 * room)
        names->buckets *= 2;
    names->name = calloc((size_t)room + 1, sizeof *names->name);
    names->bucket = calloc((size_t)names->buckets, sizeof *names->bucket);
    if (names->name != NULL && names->bucket != NULL)
        return 0;
    dictionary_release(names);
    return err_memory(err, "names", (unsigned long long)room * sizeof *names->name);
}

void dictionary_release(Dictionary *names)
{
    free(names->name);
    free(names->bucket);
    *names = (Dictionary){0};
}

/* Where the name is, or the empty bucket where it belongs (linear probing). */
static int *bucket_of(const Dictionary *names, const char *name)
{
    size_t mask = (size_t)names->buckets - 1;
    size_t at = (size_t)hash_bytes(&names->key, name, strlen(name)) & mask;
    while (names->bucket[at] != 0 && strcmp(names->name[names->bucket[at] - 1], name) != 0)
        at = (at + 1) & mask;
    return &names->bucket[at];
}

int dictionary_find(const Dictionary *names, const char *name)
{
    return *bucket_of(names, name) - 1;
}

int dictionary_add(Dictionary *names, const char *name)
{
    int *bucket = bucket_of(names, name);
    if (*bucket == 0) {
        names->name[names->n] = name;
        *bucket = ++names->n;
    }
    return *bucket - 1;
}
