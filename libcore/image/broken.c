#define _GNU_SOURCE /* strcasestr */
#include "image/broken_internal.h"

#include <string.h>

int image_broken(Err *err, const char *format, const char *reason)
{
    bool memory = strcasestr(reason, "memory") != NULL || strcasestr(reason, "no space") != NULL;
    if (!memory)
        return err_set(err, "broken %s: %s", format, reason);
    err->memory = err->memory || !err_is_set(err);
    return err_set(err, "cannot decode a %s: %s", format, reason);
}
