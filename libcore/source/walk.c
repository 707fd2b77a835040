#include "source/walk_internal.h"

#include <stdlib.h>

int bytes_grow(Bytes *bytes, size_t more, Err *err)
{
    if (bytes->room - bytes->size >= more)
        return 0;
    size_t room = 2 * bytes->room > bytes->size + more ? 2 * bytes->room : bytes->size + more;
    uint8_t *data = realloc(bytes->data, room);
    if (data == NULL)
        return err_memory(err, "a member", room);
    bytes->data = data;
    bytes->room = room;
    return 0;
}
