#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A message too long for its room (it names a file of many bytes, say) loses its middle: the reason
 * is at the end. */
static void keep_ends(Err *err, const char *message, size_t length)
{
    static const char gap[] = " ... ";
    size_t room = sizeof err->text - sizeof gap, head = room / 2;
    memcpy(err->text, message, head);
    memcpy(err->text + head, gap, sizeof gap - 1);
    memcpy(err->text + head + sizeof gap - 1, message + length - (room - head), room - head + 1);
}

int err_vset(Err *err, const char *format, va_list args)
{
    char *message = NULL;
    if (err_is_set(err))
        return -1;
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(err->text, sizeof err->text, format, args);
    if (length >= (int)sizeof err->text && (message = malloc((size_t)length + 1)) != NULL) {
        vsnprintf(message, (size_t)length + 1, format, again);
        keep_ends(err, message, (size_t)length);
    }
    free(message);
    va_end(again);
    return -1;
}

int err_set(Err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    err_vset(err, format, args);
    va_end(args);
    return -1;
}

int err_errno(Err *err, const char *format, ...)
{
    char reason[128] = "unknown error";
    if (strerror_r(errno, reason, sizeof reason) != 0)
        snprintf(reason, sizeof reason, "errno %d", errno);
    if (err_is_set(err))
        return -1;
    Err what = {0};
    va_list args;
    va_start(args, format);
    err_vset(&what, format, args);
    va_end(args);
    return err_set(err, "%s: %s", what.text, reason);
}

int err_memory(Err *err, const char *what, unsigned long long bytes)
{
    err->memory = err->memory || !err_is_set(err);
    return err_set(err, "out of memory (%llu bytes for %s)", bytes, what);
}
