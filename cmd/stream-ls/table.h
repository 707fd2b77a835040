/* The rows of a stream as text: a line a row, fields separated by tabs. */
#ifndef CMD_STREAM_LS_TABLE_H
#define CMD_STREAM_LS_TABLE_H

#include <stdbool.h>

#include "stream/frame.h"

enum { TABLE_FIELDS = 64 };

typedef struct RowTable {
    char *field[TABLE_FIELDS]; /* which to print, in this order */
    int fields;
    int64_t frame, row; /* of the next one, from 0 */
    bool headed;
} RowTable;

/* Reads "key,quality", fields of the table's own or columns; NULL is frame, row, key, label, name.
 */
int row_table_init(RowTable *table, const char *fields, Err *err);
void row_table_release(RowTable *table);

/* Prints the heading once, and a line a row. Of key, label and name a stream may have none; any
 * other field must be a column of text or of one number a row: nothing is printed else. */
int row_table_put(RowTable *table, const Frame *frame, Err *err);

/* The heading, unless it has been printed */
void row_table_heading(RowTable *table);

#endif
