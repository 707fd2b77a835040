/* A set of texts, each with its number: the order in which they were added. */
#ifndef LISTS_NAMES_INTERNAL_H
#define LISTS_NAMES_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes_internal.h"
#include "base/err.h"
#include "base/index.h"

typedef struct Names {
    Bytes text;    /* all of them in a row, each with its NUL */
    size_t *start; /* [places] where each begins in text */
    int64_t n, places;
    Index index;
} Names; /* zeroed is empty */

void names_release(Names *names);

/* The number of the text of `size` bytes, or -1. */
int64_t names_find(const Names *names, const char *text, size_t size);

/* The same, added if it is not there; -1 only when out of memory. */
int64_t names_add(Names *names, const char *text, size_t size, Err *err);

const char *names_at(const Names *names, int64_t number);

/* Renumbers them in the order of their bytes, which is that of code points in UTF-8. */
int names_sort(Names *names, Err *err);

#endif
