/* A whole file in memory. */
#ifndef BASE_FILE_INTERNAL_H
#define BASE_FILE_INTERNAL_H

#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

/* The whole of a file ("-": standard input; a path that stands for a descriptor: what is left of
 * it) in memory, with a NUL after its last byte; at most limit bytes. The caller frees it. NULL on
 * failure. */
char *file_read(const char *path, size_t limit, size_t *size, Err *err);

/* The same of a text: a NUL in it is an error. */
char *file_read_text(const char *path, size_t limit, size_t *size, Err *err);

/* The same of what is left of an open file; `name` is for messages. */
char *file_read_stream(FILE *f, const char *name, size_t limit, size_t *size, Err *err);

/* open(path, O_RDONLY), except that a path that stands for a descriptor gives a copy of it. -1 with
 * errno set. */
int file_open(const char *path);

#endif
