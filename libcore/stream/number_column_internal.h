/* A column of one number a row, whatever its type. */
#ifndef STREAM_NUMBER_COLUMN_INTERNAL_H
#define STREAM_NUMBER_COLUMN_INTERNAL_H

#include <stdint.h>

#include "base/err.h"

/* *value[*n] of all frames, which the caller frees. Fails where a frame with rows lacks the column,
 * where it is not F32, F64 or I64 [n], or where a number is not finite. */
int number_column_read(double **value, int64_t *n, const char *path, const char *name, Err *err);

#endif
