/* A file mapped into memory, for reading.
 *
 * If another process cuts the file while it is mapped, the program is killed, as with any mapped
 * file. */
#ifndef BASE_MAP_INTERNAL_H
#define BASE_MAP_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef struct Map {
    const uint8_t *bytes; /* NULL when the file is empty */
    size_t size;
} Map;

int map_open(Map *map, const char *path, Err *err); /* a regular file */
void map_close(Map *map);                           /* safe on a zeroed one */

#endif
