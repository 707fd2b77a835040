/* Paths of images: plain text operations, no file system. */
#ifndef BASE_PATH_INTERNAL_H
#define BASE_PATH_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

/* The path without "/", "./" and "../" in front. */
const char *path_clean(const char *path);

/* What follows the last slash. */
const char *path_base(const char *path);

/* Litter of operating systems: a component that begins with a dot, or __MACOSX. */
bool path_hidden(const char *path);

/* The name of the folder `level` above the file (1: the one it lies in), *size bytes; NULL when
 * there is none. */
const char *path_folder(const char *path, int level, size_t *size);

#endif
