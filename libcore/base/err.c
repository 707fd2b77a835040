#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void err_format(Err *err, const char *format, va_list args)
{
    vsnprintf(err->text, sizeof err->text, format, args);
}

int err_set(Err *err, const char *format, ...)
{
    if (err_is_set(err))
        return -1;
    va_list args;
    va_start(args, format);
    err_format(err, format, args);
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
    va_list args;
    va_start(args, format);
    err_format(err, format, args);
    va_end(args);
    size_t used = strlen(err->text);
    snprintf(err->text + used, sizeof err->text - used, ": %s", reason);
    return -1;
}

int err_memory(Err *err, const char *what, unsigned long long bytes)
{
    return err_set(err, "out of memory (%llu bytes for %s)", bytes, what);
}
