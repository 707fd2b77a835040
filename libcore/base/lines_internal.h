/* The lines of a text in memory. */
#ifndef BASE_LINES_INTERNAL_H
#define BASE_LINES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Lines {
    char *at;       /* the line, which ends before its line feed or where the text ends: where */
    size_t size;    /* at[size] is, the caller may put a NUL */
    int64_t number; /* of the line, from 1 */
    char *next, *stop;
} Lines;

/* `text` is followed by a byte that may become a NUL, as file_read() has it. */
Lines lines_of(char *text, size_t size);

/* On to the next line; false at the end. A line feed at the very end begins no line. */
bool lines_next(Lines *lines);

#endif
