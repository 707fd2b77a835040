/* Arrays that grow, and blocks of numbers. */
#ifndef BASE_ARRAY_INTERNAL_H
#define BASE_ARRAY_INTERNAL_H

#include <stddef.h>

#include "base/err.h"
#include "base/real_internal.h"

/* A zeroed element of `size` bytes at the end of *array, which has *count of them and room for
 * *room. `array` is the address of the pointer. NULL when out of memory; nothing has changed
 * then. */
void *array_append(void *array, int *count, int *room, size_t size);

/* `length` zeroed numbers, on a cache line's boundary and, where the system has them, on huge
 * pages. free() frees them. NULL on failure; `what` is for the message. */
real *block_new(size_t length, const char *what, Err *err);

#endif
