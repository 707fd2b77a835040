/* A list of names of images. */
#ifndef LISTS_NAME_LIST_INTERNAL_H
#define LISTS_NAME_LIST_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes_internal.h"
#include "base/err.h"

typedef struct NameList {
    Bytes text; /* the names, a NUL after each */
    int64_t n;
} NameList;

int name_list_add(NameList *list, const char *name, Err *err);
void name_list_release(NameList *list); /* safe on a zeroed one */

/* The first name, and the one after a name; call it n times at most. */
const char *name_list_first(const NameList *list);
const char *name_list_next(const char *name);

#endif
