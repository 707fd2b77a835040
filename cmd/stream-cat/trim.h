/* Frames with fewer columns or fewer rows. */
#ifndef CMD_STREAM_CAT_TRIM_H
#define CMD_STREAM_CAT_TRIM_H

#include "stream/rows.h"

/* Takes out all tensors but those of the comma-separated `list`; each of them must be there. */
int trim_columns(Frame *frame, const char *list, Err *err);

/* Leaves the first n rows, which are fewer than there are. */
void trim_rows(Frame *frame, const Rows *rows, int64_t n);

#endif
