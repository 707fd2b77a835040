/* The labels of an array's rows, a line each, in their order: a text of whole numbers, or a table
 * whose columns are separated by tabs or commas. Of a table it is the column called "label", or
 * without a heading the last one. */
#ifndef LISTS_ROW_LABELS_INTERNAL_H
#define LISTS_ROW_LABELS_INTERNAL_H

#include <stdint.h>

#include "base/err.h"

typedef struct RowLabels {
    int64_t *label; /* [n], -1: unknown */
    int64_t n;
} RowLabels;

int row_labels_read(RowLabels *labels, const char *path, Err *err);
void row_labels_release(RowLabels *labels); /* safe on a zeroed one */

#endif
