/* Text that others wrote (names of files, keys, metadata) as it may be shown to a person.
 *
 * What could move a terminal's cursor, end a line, or change the order in which the rest is read
 * is written as \n, \t, \r or \xNN, a byte each: control characters (C0, DEL, C1), line and
 * paragraph separators, controls of bidirectional text, and bytes that are not UTF-8. All else
 * stays as it is. */
#ifndef BASE_ESCAPE_INTERNAL_H
#define BASE_ESCAPE_INTERNAL_H

#include <stddef.h>
#include <stdio.h>

enum { ESCAPE_GROWTH = 4 }; /* a byte becomes so many at most */

/* out[room] = the text, cut between characters where it does not fit, and a NUL. Returns the
 * length of what was written. */
size_t escape_text(char *out, size_t room, const char *text, size_t length);

/* Writes all of it to f; errors stay in f. */
void escape_put(FILE *f, const char *text, size_t length);

#endif
