#include "lists/name_list_internal.h"

#include <stdlib.h>
#include <string.h>

int name_list_add(NameList *list, const char *name, Err *err)
{
    if (bytes_append(&list->text, name, strlen(name) + 1, "names", err) != 0)
        return -1;
    list->n++;
    return 0;
}

void name_list_release(NameList *list)
{
    bytes_release(&list->text);
    *list = (NameList){0};
}

const char *name_list_first(const NameList *list)
{
    return (const char *)list->text.data;
}

const char *name_list_next(const char *name)
{
    return name + strlen(name) + 1;
}
