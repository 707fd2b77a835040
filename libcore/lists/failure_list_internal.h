/* A list of photographs that gave no face, as face-align --failures-out writes it: a path and a
 * label (-1: unknown) a line, a tab between them. Fields as in lists/fields_internal.h. */
#ifndef LISTS_FAILURE_LIST_INTERNAL_H
#define LISTS_FAILURE_LIST_INTERNAL_H

#include <stdint.h>

#include "base/err.h"
#include "lists/names_internal.h"

typedef struct FailureList {
    Names paths;
    int64_t *label; /* [paths.n] */
    int64_t room;
} FailureList;

/* "-" is standard input. It may be empty; a path that occurs twice is an error. The message names
 * file and line. */
int failure_list_read(FailureList *list, const char *file, Err *err);
void failure_list_release(FailureList *list); /* safe on a zeroed one */

#endif
