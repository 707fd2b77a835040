/* Errors: a code and a sticky message.
 *
 * Every function of libcore that can fail takes an Err * last and returns -1 (or NULL) when it
 * failed; the message says which file, offset or row, and why. The first failure is the cause, so
 * it stays: later calls on an Err that already holds a message change nothing. libcore never
 * prints; the tool prints err.text. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/api.h"

API_BEGIN

typedef struct Err {
    char text[1024]; /* "" while nothing has failed; initialise with {0} */
    bool memory;     /* it failed for want of memory, not because of what it was given */
} Err;

/* Sets the message, unless there is one already. Always returns -1, so that a failing function can
 * `return err_set(err, ...)`. One that is too long loses its middle. */
int err_set(Err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

int err_vset(Err *err, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* The same, with ": " and the text of errno appended. */
int err_errno(Err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "out of memory (N bytes for WHAT)", and err->memory. Returns -1. */
int err_memory(Err *err, const char *what, unsigned long long bytes);

static inline bool err_is_set(const Err *err)
{
    return err->text[0] != '\0';
}

API_END

#endif
