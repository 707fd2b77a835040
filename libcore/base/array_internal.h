/* Arrays that grow, and blocks of numbers. */
#ifndef BASE_ARRAY_INTERNAL_H
#define BASE_ARRAY_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/real_internal.h"

/* array_fit(array, room, need): the array has room for `need` elements, `room` says for how many;
 * it grows by half or more. `array` and `room` are lvalues; room is an int, an int64_t or
 * a size_t. false when out of memory, or when so many fit into no memory or into no number of
 * room's type; nothing has changed then. */
#define array_fit(array, room, need) array_fit_bytes(&(array), &(room), (need), sizeof *(array))

/* The same for elements of `size` bytes, by the addresses of array and room. */
#ifndef __cppcheck__
#define array_fit_bytes(array, room, need, size)                                                   \
    _Generic((room), int *: array_fit_int, int64_t *: array_fit_int64, size_t *: array_fit_size)(  \
        (array), (room), (need), (size))
#else /* it cannot parse _Generic */
#define array_fit_bytes(array, room, need, size)                                                   \
    array_fit_size((array), (void *)(room), (size_t)(need), (size))
#endif

/* The same as a failure: 0, or -1 with "out of memory (N bytes for WHAT)". `need` is evaluated
 * twice. */
#define array_reserve(array, room, need, what, err)                                                \
    (array_fit(array, room, need) ? 0 : array_refuse((need), sizeof *(array), (what), (err)))

/* The array has just n elements' room, for what is sized once; none keeps a byte. */
#define array_resize(array, n) array_resize_bytes(&(array), (n), sizeof *(array))

/* A zeroed element of `size` bytes at the end of *array, which has *count of them and room for
 * *room. `array` is the address of the pointer. NULL when out of memory; nothing has changed
 * then. */
void *array_append(void *array, int *count, int *room, size_t size);

/* What the macros call. */
bool array_fit_int(void *array, int *room, int need, size_t size);
bool array_fit_int64(void *array, int64_t *room, int64_t need, size_t size);
bool array_fit_size(void *array, size_t *room, size_t need, size_t size);
bool array_resize_bytes(void *array, size_t n, size_t size);
int array_refuse(size_t need, size_t size, const char *what, Err *err);

/* `length` zeroed numbers, on a cache line's boundary and, where the system has them, on huge
 * pages. free() frees them. NULL on failure; `what` is for the message. */
real *block_new(size_t length, const char *what, Err *err);

#endif
