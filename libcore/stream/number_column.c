#include "stream/number_column_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "stream/reader.h"

bool number_column_is(const Column *column)
{
    return !column->ragged && column->ndim == 0 &&
           (column->dtype == DTYPE_F32 || column->dtype == DTYPE_F64 || column->dtype == DTYPE_I64);
}

/* Little-endian, at any alignment */
double number_column_row(const Column *column, int64_t i)
{
    size_t size;
    const uint8_t *from = column_row(column, i, &size);
    float f;
    double d;
    if (column->dtype == DTYPE_I64)
        return (double)column_i64(column, i);
    if (column->dtype == DTYPE_F32) {
        memcpy(&f, from, sizeof f);
        return (double)f;
    }
    memcpy(&d, from, sizeof d);
    return d;
}

static int add_frame(double **value, int64_t *room, int64_t *n, const Frame *frame,
                     const char *name, Err *err)
{
    Rows rows;
    if (rows_of(&rows, frame, err) != 0)
        return -1;
    const Column *column = rows_find(&rows, name);
    int rc = 0;
    if (column == NULL)
        rc = err_set(err, "no column '%s'", name);
    else if (!number_column_is(column))
        rc = err_set(err, "column '%s' is not F32, F64 or I64 [n]", name);
    else
        rc = array_reserve(*value, *room, *n + rows.n, "numbers", err);
    for (int64_t i = 0; rc == 0 && i < rows.n; i++) {
        (*value)[*n] = number_column_row(column, i);
        if (!isfinite((*value)[(*n)++]))
            rc = err_set(err, "column '%s': row %lld is not finite", name, (long long)i);
    }
    rows_release(&rows);
    return rc;
}

int number_column_read(double **value, int64_t *n, const char *path, const char *name, Err *err)
{
    Frame frame;
    int64_t room = 0;
    int rc;
    *value = NULL;
    *n = 0;
    StreamReader *reader = reader_open(path, err);
    if (reader == NULL)
        return -1;
    while ((rc = reader_next(reader, &frame, err)) > 0) {
        Err inner = {0};
        if (frame.tensors > 0 && add_frame(value, &room, n, &frame, name, &inner) != 0)
            rc = reader_blame(reader, &frame, &inner, err);
        frame_release(&frame);
        if (rc < 0)
            break;
    }
    reader_close(reader);
    if (rc < 0) {
        free(*value);
        *value = NULL;
    }
    return rc < 0 ? -1 : 0;
}
