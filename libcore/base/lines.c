#include "base/lines_internal.h"

#include <string.h>

Lines lines_of(char *text, size_t size)
{
    return (Lines){.next = text, .stop = size > 0 ? text + size : text};
}

bool lines_next(Lines *lines)
{
    if (lines->next == lines->stop)
        return false;
    char *end = memchr(lines->next, '\n', (size_t)(lines->stop - lines->next));
    lines->at = lines->next;
    lines->next = end != NULL ? end + 1 : lines->stop;
    lines->size = (size_t)((end != NULL ? end : lines->stop) - lines->at);
    lines->number++;
    return true;
}
