#include "base/bytes_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/num_internal.h"

int bytes_reserve(Bytes *bytes, size_t more, const char *what, Err *err)
{
    size_t need;
    if (!size_add(bytes->size, more > 0 ? more : 1, &need))
        need = SIZE_MAX;
    return array_reserve(bytes->data, bytes->room, need, what, err);
}

int bytes_append(Bytes *bytes, const void *data, size_t size, const char *what, Err *err)
{
    if (bytes_reserve(bytes, size, what, err) != 0)
        return -1;
    if (size > 0)
        memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
    return 0;
}

void bytes_release(Bytes *bytes)
{
    free(bytes->data);
    *bytes = (Bytes){0};
}
