#include "lists/pick_list_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/file_internal.h"
#include "base/lines_internal.h"
#include "base/num_internal.h"

enum { LIST_LIMIT = 1 << 30 };

void pick_list_release(PickList *list)
{
    names_release(&list->names);
    free(list->file);
    free(list->label);
    free(list->found);
    *list = (PickList){0};
}

/* Is the line a heading, its first column "key", "label" or "name"? */
static bool heading(const char *name, PickBy *by)
{
    static const char *const words[] = {
        [PICK_KEY] = "key", [PICK_LABEL] = "label", [PICK_NAME] = "name"};
    for (int k = PICK_KEY; k <= PICK_NAME; k++)
        if (strcmp(name, words[k]) == 0) {
            *by = (PickBy)k;
            return true;
        }
    return false;
}

static int add(PickList *list, const char *name, const char *text, int64_t line, Err *err)
{
    int64_t label = PICK_NO_LABEL, before = list->names.n;
    if (text != NULL && !num_int(text, -1, INT64_MAX, &label))
        return err_set(err,
                       "%s, line %" PRId64
                       ": '%.100s' is no label: it should be a whole number from -1 on",
                       list->file, line, text);
    int64_t number = names_add(&list->names, name, strlen(name), err);
    if (number < 0)
        return -1;
    if (number < before)
        return list->label[number] == label
                   ? 0
                   : err_set(err,
                             "%s, line %" PRId64 ": '%.200s' occurs before, with another label",
                             list->file, line, name);
    if (array_reserve(list->label, list->room, number + 1, "a list", err) != 0)
        return -1;
    list->label[number] = label;
    return 0;
}

static bool all_numbers(const PickList *list)
{
    int64_t number;
    for (int64_t i = 0; i < list->names.n; i++)
        if (!num_int(names_at(&list->names, i), -1, INT64_MAX, &number))
            return false;
    return list->names.n > 0;
}

/* What a heading says of the columns behind the first. */
typedef enum Behind { ALL_LABEL, FIRST_LABEL, NO_LABEL } Behind;

static Behind behind(const char *second)
{
    if (second == NULL)
        return ALL_LABEL;
    size_t length = strcspn(second, "\t");
    return length == strlen("label") && memcmp(second, "label", length) == 0 ? FIRST_LABEL
                                                                             : NO_LABEL;
}

static int read_lines(PickList *list, char *text, size_t size, Err *err)
{
    PickBy said;
    Behind columns = ALL_LABEL;
    for (Lines line = lines_of(text, size); lines_next(&line);) {
        if (line.size > 0 && line.at[line.size - 1] == '\r')
            line.size--;
        line.at[line.size] = '\0';
        char *tab = strchr(line.at, '\t');
        if (tab != NULL)
            *tab = '\0';
        if (line.at[0] == '\0')
            continue;
        char *second = tab != NULL ? tab + 1 : NULL;
        if (line.number == 1 && heading(line.at, &said)) {
            list->by = list->by == PICK_ANY ? said : list->by;
            columns = behind(second);
            continue;
        }
        if (second != NULL && columns == FIRST_LABEL)
            second[strcspn(second, "\t")] = '\0';
        if (add(list, line.at, columns == NO_LABEL ? NULL : second, line.number, err) != 0)
            return -1;
    }
    return 0;
}

int pick_list_read(PickList *list, const char *file, PickBy by, Err *err)
{
    size_t size;
    *list = (PickList){.by = by, .file = strdup(strcmp(file, "-") == 0 ? "standard input" : file)};
    if (list->file == NULL)
        return err_memory(err, "a name", strlen(file));
    char *text = file_read_text(file, LIST_LIMIT, &size, err);
    int rc = text != NULL ? read_lines(list, text, size, err) : -1;
    free(text);
    if (rc != 0)
        return -1;
    if (list->by == PICK_ANY)
        list->by = all_numbers(list) ? PICK_LABEL : PICK_KEY;
    list->found = calloc((size_t)list->names.n + 1, sizeof *list->found);
    return list->found != NULL ? 0 : err_memory(err, "a list", (size_t)list->names.n);
}
