/* Text files of fields, a line at a time. A line that has a tab is cut at tabs, one that has commas
 * at those, any other at spaces: so names with spaces can stand in files with tabs or commas. In a
 * line with commas a field in double quotes may hold them ("" is a quote). Spaces around a field
 * and empty fields do not count, nor does a byte order mark. */
#ifndef LISTS_FIELDS_INTERNAL_H
#define LISTS_FIELDS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/lines_internal.h"

enum { FIELDS_MAX = 16 };

typedef struct Fields {
    const char *path; /* for messages */
    char *text;
    Lines lines;
    int64_t line; /* of the fields below, from 1 */
    char *field[FIELDS_MAX];
    int n; /* FIELDS_MAX when there may be more */
} Fields;

/* Reads the whole file ("-" is standard input), 4 GiB at most. */
int fields_open(Fields *fields, const char *path, Err *err);

/* The same of a text that was read: `text` is followed by a NUL, and freed by fields_close(), which
 * is to be called even after a failure (a NUL within). */
int fields_of(Fields *fields, const char *name, char *text, size_t size, Err *err);
void fields_close(Fields *fields);

/* Cuts the next line that is not empty; false at the end. */
bool fields_next(Fields *fields);

/* The next line that is not empty as one field: all before its first tab, with spaces and commas
 * but not those at its ends. For lists of names. */
bool fields_next_name(Fields *fields);

/* A field that must be a whole number of at least `min`; the message names file and line. */
int fields_number(int64_t *out, const Fields *fields, int field, int64_t min, Err *err);

#endif
