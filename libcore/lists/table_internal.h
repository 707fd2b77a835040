/* Text files about images: a path and some numbers a line.
 *
 * Lists (path, label) and landmarks (path, x1 y1 ... x5 y5). Fields are separated by any white
 * space; the numbers are the last fields, so that a path may hold spaces. Empty lines are passed
 * over. A path may occur once. */
#ifndef LISTS_TABLE_INTERNAL_H
#define LISTS_TABLE_INTERNAL_H

#include <stdint.h>

#include "base/err.h"
#include "lists/names_internal.h"

typedef struct Table {
    char *file;
    Names paths;
    int columns;
    double *value; /* [n,columns] */
    int64_t *line; /* [n] counted from 1 */
    int64_t room;
} Table;

/* Reads a file with so many numbers, up to 16, on each line. The message names file and line. */
int table_read(Table *table, const char *file, int columns, Err *err);
/* The same by hand: an empty table, and a line of it with so many values. */
int table_begin(Table *table, const char *file, int columns, Err *err);
int table_add(Table *table, const char *path, size_t size, const double *value, int64_t line,
              Err *err);

void table_release(Table *table); /* safe on a zeroed table */

/* The row for an image: the one whose path is the image's or, if none is, the longest one that the
 * image's path ends in, from a folder on; -1 when there is none. */
int64_t table_find(const Table *table, const char *path);

static inline const double *table_row(const Table *table, int64_t row)
{
    return table->value + row * table->columns;
}

#endif
