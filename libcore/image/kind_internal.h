/* What a file is that is no picture which can be read: for messages. */
#ifndef IMAGE_KIND_INTERNAL_H
#define IMAGE_KIND_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

enum { KIND_BYTES = 64 }; /* of a file's beginning tell */

/* "a WebP picture", "a page of HTML", "empty", or NULL when its beginning says nothing. */
const char *kind_of_file(const uint8_t *bytes, size_t size);

/* What to do with it: "convert it to PNG or JPEG first", or NULL. */
const char *kind_advice(const char *kind);

#endif
