/* Files that appear under their name only when they are whole.
 *
 * out_open() makes an unnamed file in the directory of path; out_commit() flushes it to disk and
 * gives it its name, replacing what was there; out_abort() forgets it. A process that is killed
 * leaves nothing behind. The path "-" is standard output, and so is a path that exists and is
 * not a regular file (a fifo, /dev/null): those are written straight through. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

typedef struct Out {
    FILE *f;      /* write here; errors are caught by out_commit at the latest */
    char *path;   /* for messages: the path, or "standard output" */
    char *hidden; /* a temporary name where the file system has no unnamed files, or NULL */
    bool direct;  /* written straight through, no name to give */
} Out;

int out_open(Out *out, const char *path, Err *err);
int out_write(Out *out, const void *bytes, size_t n, Err *err);
int out_commit(Out *out, Err *err); /* closes out in any case */
void out_abort(Out *out);           /* safe on a zeroed or already closed Out */

/* The whole of a file (or "-") in memory, with a NUL after its last byte; at most limit bytes.
 * The caller frees it. NULL on failure. */
char *file_read(const char *path, size_t limit, size_t *size, Err *err);

#endif
