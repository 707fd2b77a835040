/* Bytes of a file or of standard input, gzip-ed or not, in order. */
#ifndef STREAM_INPUT_INTERNAL_H
#define STREAM_INPUT_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef struct Input Input;

/* path "-" is standard input. NULL on failure. */
Input *input_open(const char *path, Err *err);

/* The same from memory, which must outlive it; `name` is for messages. */
Input *input_open_bytes(const char *name, const void *bytes, size_t size, Err *err);
void input_close(Input *input); /* NULL is fine */

/* Up to n bytes, fewer only at the end: how many, or -1. Damaged or cut gzip data is an error. */
int64_t input_read(Input *input, void *bytes, size_t n, Err *err);

/* The path, or "standard input", for messages. */
const char *input_name(const Input *input);

/* How many bytes the whole uncompressed input has, or -1 when that is not known (a pipe, gzip). */
int64_t input_size(const Input *input);

#endif
