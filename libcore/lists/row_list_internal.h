/* A list that says what the rows of an array are: a key a line, in the order of the rows, and
 * perhaps a label after it. */
#ifndef LISTS_ROW_LIST_INTERNAL_H
#define LISTS_ROW_LIST_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

typedef struct RowList {
    char *text;
    const char **key; /* [n], NUL-terminated */
    int64_t *label;   /* [n] */
    int64_t n;
    bool labelled; /* every line ends in white space and a whole number */
} RowList;

int row_list_read(RowList *list, const char *path, Err *err);
void row_list_release(RowList *list); /* safe on a zeroed one */

#endif
