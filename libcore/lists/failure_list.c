#include "lists/failure_list_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "lists/fields_internal.h"

void failure_list_release(FailureList *list)
{
    names_release(&list->paths);
    free(list->label);
    *list = (FailureList){0};
}

static int add(FailureList *list, const Fields *fields, Err *err)
{
    const char *path = fields->field[0];
    int64_t label, before = list->paths.n;
    if (fields->n != 2)
        return err_set(err, "%s: line %" PRId64 ": not a path, a tab and a label", fields->path,
                       fields->line);
    if (fields_number(&label, fields, 1, -1, err) != 0)
        return -1;
    int64_t number = names_add(&list->paths, path, strlen(path), err);
    if (number < 0 ||
        array_reserve(list->label, list->room, number + 1, "a list of failures", err) != 0)
        return -1;
    if (number < before)
        return err_set(err, "%s: line %" PRId64 ": '%.300s' occurs before", fields->path,
                       fields->line, path);
    list->label[number] = label;
    return 0;
}

int failure_list_read(FailureList *list, const char *file, Err *err)
{
    Fields fields;
    *list = (FailureList){0};
    int rc = fields_open(&fields, file, err);
    while (rc == 0 && fields_next(&fields))
        rc = add(list, &fields, err);
    fields_close(&fields);
    return rc;
}
