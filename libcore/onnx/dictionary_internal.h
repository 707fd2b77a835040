/* The names of a model's values, numbered in the order in which they are met. */
#ifndef ONNX_DICTIONARY_INTERNAL_H
#define ONNX_DICTIONARY_INTERNAL_H

#include "base/err.h"
#include "base/hash.h"

typedef struct Dictionary {
    const char **name; /* borrowed */
    int *bucket;       /* 1 + number of a name, 0 empty; twice as many as names at least */
    int n, buckets;
    HashKey key;
} Dictionary;

/* For at most `room` names. */
int dictionary_init(Dictionary *names, int room, Err *err);
void dictionary_release(Dictionary *names); /* safe on a zeroed one */

/* The number of a name that is known, or -1; dictionary_add() makes it known. */
int dictionary_find(const Dictionary *names, const char *name);
int dictionary_add(Dictionary *names, const char *name);

#endif
