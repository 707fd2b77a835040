#include "lists/name_list_internal.h"

#include <stdlib.h>
#include <string.h>

int name_list_add(NameList *list, const char *name, Err *err)
{
    size_t size = strlen(name) + 1;
    if (list->used + size > list->room) {
        size_t room = 2 * (list->used + size) + 4096;
        char *grown = realloc(list->text, room);
        if (grown == NULL)
            return err_memory(err, "names", room);
        list->text = grown;
        list->room = room;
    }
    memcpy(list->text + list->used, name, size);
    list->used += size;
    list->n++;
    return 0;
}

void name_list_release(NameList *list)
{
    free(list->text);
    *list = (NameList){0};
}

const char *name_list_first(const NameList *list)
{
    return list->text;
}

const char *name_list_next(const char *name)
{
    return name + strlen(name) + 1;
}
