#include "source/keys_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"

void keys_release(Keys *keys)
{
    names_release(&keys->names);
    free(keys->operand);
    *keys = (Keys){0};
}

int keys_add(Keys *keys, const char *name, const char *operand, int64_t *number,
             const char **before, Err *err)
{
    if (array_reserve(keys->operand, keys->room, keys->names.n + 1, "names", err) != 0)
        return -1;
    int64_t n = keys->names.n;
    *number = names_add(&keys->names, name, strlen(name), err);
    if (*number < 0)
        return -1;
    *before = *number < n ? keys->operand[*number] : NULL;
    if (*number == n)
        keys->operand[n] = operand;
    return 0;
}
