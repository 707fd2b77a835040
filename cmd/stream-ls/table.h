/* The rows of a stream as text: a line a row, fields separated by tabs. */
#ifndef CMD_STREAM_LS_TABLE_H
#define CMD_STREAM_LS_TABLE_H

#include "stream/frame.h"

enum { TABLE_FIELDS = 5 };

typedef struct RowTable {
    int field[TABLE_FIELDS], fields; /* which to print, in this order */
    int64_t frame, row;              /* of the next one, from 0 */
} RowTable;

/* Reads "key,label"; NULL is all fields. A name that is none is an error that says what there is.
 */
int row_table_init(RowTable *table, const char *fields, Err *err);

void row_table_heading(const RowTable *table);
int row_table_put(RowTable *table, const Frame *frame, Err *err);

#endif
