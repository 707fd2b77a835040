#include "onnx/dictionary.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int dictionary_open(Dictionary *names, int room, Err *err)
{
    *names = (Dictionary){.buckets = 16};
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

/* Where the name is, or the empty bucket where it belongs (FNV-1a, linear probing). */
static int *bucket_of(const Dictionary *names, const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *c = name; *c != '\0'; c++)
        hash = (hash ^ (uint8_t)*c) * UINT64_C(1099511628211);
    size_t mask = (size_t)names->buckets - 1, at = (size_t)(hash ^ hash >> 32) & mask;
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
