/* Files that appear under their name only when they are whole.
 *
 * out_open() makes an unnamed file in the folder of the path; out_commit() flushes it to disk and
 * gives it its name, replacing what was there and keeping its mode, and flushes the folder;
 * out_abort() forgets it. A process that is killed leaves nothing behind; where the file system has
 * no unnamed files, or while a file is replaced, a hidden one that the next run there removes. A
 * symbolic link stays: what it points to is replaced.
 *
 * Written straight through are "-" (standard output), a path that stands for a descriptor
 * (target_descriptor), and what exists and is not a regular file: a fifo, a device.
 *
 * A file that may be written in a folder that takes no new one (not ours, or the file is mounted
 * there) is written in place: by out_commit(), when its new content is whole in a file without a
 * name in P_tmpdir. Only there can a kill leave a damaged file; out_check() tells beforehand. */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/api.h"
#include "base/err.h"

API_BEGIN

typedef struct Out {
    FILE *f;       /* write here; errors are caught by out_commit at the latest */
    char *path;    /* for messages: the path, or "standard output" */
    char *target;  /* the path without links: what is replaced */
    char *hidden;  /* a temporary name where the system has no unnamed files, or NULL */
    bool direct;   /* written straight through, no name to give */
    bool in_place; /* the target's content is replaced, not the file */
} Out;

int out_open(Out *out, const char *path, Err *err);
int out_write(Out *out, const void *bytes, size_t n, Err *err);
int out_commit(Out *out, Err *err); /* closes out in any case */
void out_abort(Out *out);           /* safe on a zeroed or already closed Out */

/* Would out_open() succeed? Leaves everything as it is. *in_place (may be NULL) = the file would
 * be written in place. */
int out_check(const char *path, bool *in_place, Err *err);

/* Does the path stand for a descriptor that is a terminal? */
bool out_is_terminal(const char *path);

API_END

#endif
