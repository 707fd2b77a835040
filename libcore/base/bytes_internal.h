/* Bytes that grow. */
#ifndef BASE_BYTES_INTERNAL_H
#define BASE_BYTES_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef struct Bytes {
    uint8_t *data; /* [room], of which the first `size` are in use */
    size_t size, room;
} Bytes; /* zeroed is empty */

/* Room for `more` bytes behind those in use, and never no memory. `what` is for the message. */
int bytes_reserve(Bytes *bytes, size_t more, const char *what, Err *err);

/* Adds `size` bytes behind those in use; data may be NULL when there are none. */
int bytes_append(Bytes *bytes, const void *data, size_t size, const char *what, Err *err);

void bytes_release(Bytes *bytes);

#endif
