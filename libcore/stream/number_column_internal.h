/* A column of one number a row, whatever its type. */
#ifndef STREAM_NUMBER_COLUMN_INTERNAL_H
#define STREAM_NUMBER_COLUMN_INTERNAL_H

#include <stdint.h>

#include "base/err.h"
#include "stream/rows.h"

/* Whether the column is F32, F64 or I64 [n], and the number of its row i. */
bool number_column_is(const Column *column);
double number_column_row(const Column *column, int64_t i);

/* *value[*n] of all frames, which the caller frees. Fails where a frame with rows lacks the column,
 * where it is not F32, F64 or I64 [n], or where a number is not finite. */
int number_column_read(double **value, int64_t *n, const char *path, const char *name, Err *err);

#endif
