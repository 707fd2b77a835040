/* Names, and which operand each came from first. */
#ifndef SOURCE_KEYS_INTERNAL_H
#define SOURCE_KEYS_INTERNAL_H

#include "lists/names_internal.h"

typedef struct Keys {
    Names names;
    const char **operand; /* [names.n], borrowed */
    int64_t room;
} Keys; /* zeroed is empty */

void keys_release(Keys *keys);

/* Adds the name unless it is there. *number: its own; *before: the operand it came from before,
 * NULL when it is new. */
int keys_add(Keys *keys, const char *name, const char *operand, int64_t *number,
             const char **before, Err *err);

#endif
