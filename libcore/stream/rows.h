/* A frame seen as a table: columns that share their number of rows.
 *
 * A column is a tensor whose first dimension is the row, or a ragged one: a tensor `X` U8 [bytes]
 * together with `X_end` I64 [n], row i being the bytes from X_end[i-1] (0 for the first) to
 * X_end[i]. This is all a filter needs to regroup rows without knowing what they mean. */
#ifndef STREAM_ROWS_H
#define STREAM_ROWS_H

#include "base/api.h"
#include "stream/frame.h"

API_BEGIN

typedef struct Column {
    const char *name; /* borrowed from the frame, as is data */
    Dtype dtype;
    bool ragged;
    int ndim; /* of one row: the tensor's dimensions but the first */
    int64_t shape[TENSOR_MAX_DIMS];
    size_t row_bytes; /* of a row that is not ragged */
    const uint8_t *data;
    const uint8_t *end; /* ragged: n little-endian I64, at any alignment */
} Column;

typedef struct Rows {
    Column *column;
    size_t columns;
    int64_t n;
} Rows;

/* Views the frame as rows; the frame must outlive them. An empty frame has no columns and no rows.
 * Fails when the tensors do not share their first dimension or a ragged column's ends do not ascend
 * to its size; the message names the tensor, not the stream. */
int rows_of(Rows *rows, const Frame *frame, Err *err);
void rows_release(Rows *rows);

const Column *rows_find(const Rows *rows, const char *name); /* NULL when absent */

/* The bytes of row i, *size of them. */
const uint8_t *column_row(const Column *column, int64_t i, size_t *size);

/* Row i of a column of one I64 each (a label). */
int64_t column_i64(const Column *column, int64_t i);

/* Collects rows, from any frames of one form, to make a frame of them. */
typedef struct RowBuffer {
    struct RowStore *store; /* one a column */
    size_t columns;
    int64_t n;
} RowBuffer;

/* Appends row i. The first row fixes names, types and shapes; a row of another form is an error
 * that names the column, and then nothing has been appended. */
int rowbuffer_add(RowBuffer *buffer, const Rows *rows, int64_t i, Err *err);

/* Adds everything collected to the frame as tensors that the frame owns, and empties the buffer,
 * which keeps its form. */
int rowbuffer_flush(RowBuffer *buffer, Frame *frame, Err *err);
void rowbuffer_release(RowBuffer *buffer);

API_END

#endif
