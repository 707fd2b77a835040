/* Operands with a name, NAME=FILE. */
#ifndef CMD_CLI_NAMED_H
#define CMD_CLI_NAMED_H

#include <string.h>
#include <unistd.h>

/* The end of the name in "NAME=FILE", or NULL. Names and paths may have such a sign too: what files
 * are there tells them apart, else the first one that is no part of a folder's name counts. */
static inline const char *named_equals(const char *operand)
{
    const char *first = strchr(operand, '=');
    if (first == NULL || access(operand, F_OK) == 0)
        return NULL;
    for (const char *at = first; at != NULL; at = strchr(at + 1, '='))
        if (access(at + 1, F_OK) == 0)
            return at;
    return memchr(operand, '/', (size_t)(first - operand)) == NULL ? first : NULL;
}

#endif
