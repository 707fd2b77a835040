#include "source/keys_internal.h"

#include <stdlib.h>
#include <string.h>

void keys_release(Keys *keys)
{
    names_release(&keys->names);
    free(keys->operand);
    *keys = (Keys){0};
}

int keys_add(Keys *keys, const char *name, const char *operand, int64_t *number,
             const char **before, Err *err)
{
    if (keys->names.n == keys->room) {
        int64_t room = 2 * keys->room + 256;
        const char **grown = realloc(keys->operand, (size_t)room * sizeof *grown);
        if (grown == NULL)
            return err_memory(err, "names", (size_t)room * sizeof *grown);
        keys->operand = grown;
        keys->room = room;
    }
    int64_t n = keys->names.n;
    *number = names_add(&keys->names, name, strlen(name), err);
    if (*number < 0)
        return -1;
    *before = *number < n ? keys->operand[*number] : NULL;
    if (*number == n)
        keys->operand[n] = operand;
    return 0;
}
