#include "lists/group_list_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/num_internal.h"
#include "lists/fields_internal.h"

enum { GROUP_NAME = 256 };

void group_list_release(GroupList *list)
{
    names_release(&list->people);
    names_release(&list->groups);
    free(list->group);
    free(list->file);
    *list = (GroupList){0};
}

static bool heading(GroupList *list, const char *word)
{
    static const struct {
        const char *word;
        PickBy by;
    } words[] = {
        {"label", PICK_LABEL}, {"name", PICK_NAME}, {"key", PICK_KEY}, {"identity", PICK_ANY}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i].word) == 0) {
            list->by = words[i].by;
            return true;
        }
    return false;
}

static int name_group(char name[GROUP_NAME], const Fields *fields, Err *err)
{
    size_t length = 0;
    if (fields->n < 2)
        return err_set(err, "%s, line %" PRId64 ": no group behind '%.100s'", fields->path,
                       fields->line, fields->field[0]);
    for (int i = 1; i < fields->n && length < GROUP_NAME; i++)
        length += (size_t)snprintf(name + length, GROUP_NAME - length, "%s%s", i > 1 ? " " : "",
                                   fields->field[i]);
    return length < GROUP_NAME
               ? 0
               : err_set(err, "%s, line %" PRId64 ": a group's name of over %d bytes", fields->path,
                         fields->line, GROUP_NAME - 1);
}

static int add(GroupList *list, const Fields *fields, Err *err)
{
    char name[GROUP_NAME];
    const char *who = fields->field[0];
    if (name_group(name, fields, err) != 0)
        return -1;
    int64_t group = names_add(&list->groups, name, strlen(name), err);
    int64_t before = list->people.n;
    int64_t person = names_add(&list->people, who, strlen(who), err);
    if (group < 0 || person < 0 ||
        array_reserve(list->group, list->room, person + 1, "a list of groups", err) != 0)
        return -1;
    if (group >= GROUP_LIST_MAX)
        return err_set(err, "%s, line %" PRId64 ": more than %d groups", list->file, fields->line,
                       GROUP_LIST_MAX);
    if (person < before && list->group[person] != group)
        return err_set(err, "%s, line %" PRId64 ": '%.100s' occurs before, in group '%s'",
                       list->file, fields->line, who, names_at(&list->groups, list->group[person]));
    list->group[person] = (int32_t)group;
    return 0;
}

static int read_lines(GroupList *list, Fields *fields, Err *err)
{
    bool numbers = true, first = true;
    int64_t number;
    for (; fields_next(fields); first = false) {
        if (first && heading(list, fields->field[0]))
            continue;
        if (add(list, fields, err) != 0)
            return -1;
        numbers = numbers && num_int(fields->field[0], -1, INT64_MAX, &number);
    }
    if (list->people.n == 0)
        return err_set(err, "%s: nobody in it", list->file);
    if (list->by == PICK_ANY && numbers)
        list->by = PICK_LABEL;
    return 0;
}

/* Groups in the order of their names, whatever that of the lines. */
static int sort_groups(GroupList *list, Err *err)
{
    Names as_read = list->groups;
    list->groups = (Names){0};
    int rc = 0;
    for (int64_t i = 0; rc == 0 && i < as_read.n; i++) {
        const char *name = names_at(&as_read, i);
        rc = names_add(&list->groups, name, strlen(name), err) < 0 ? -1 : 0;
    }
    if (rc == 0)
        rc = names_sort(&list->groups, err);
    for (int64_t i = 0; rc == 0 && i < list->people.n; i++) {
        const char *name = names_at(&as_read, list->group[i]);
        list->group[i] = (int32_t)names_find(&list->groups, name, strlen(name));
    }
    names_release(&as_read);
    return rc;
}

int group_list_read(GroupList *list, const char *file, Err *err)
{
    Fields fields;
    *list = (GroupList){.by = PICK_ANY,
                        .file = strdup(strcmp(file, "-") == 0 ? "standard input" : file)};
    if (list->file == NULL)
        return err_memory(err, "a name", strlen(file));
    if (fields_open(&fields, file, err) != 0)
        return -1;
    int rc = read_lines(list, &fields, err);
    fields_close(&fields);
    return rc == 0 ? sort_groups(list, err) : -1;
}

int32_t group_list_find(const GroupList *list, const EmbeddingRows *rows, int64_t row)
{
    char label[24];
    int length = 0;
    const char *who = label;
    if (list->by == PICK_LABEL)
        length = snprintf(label, sizeof label, "%" PRId64, rows->label[row]);
    else if (list->by == PICK_KEY)
        who = embedding_key(rows, row, &length);
    else {
        who = embedding_name(rows, row, &length);
        if (length == 0 && list->by == PICK_ANY)
            who = embedding_key(rows, row, &length);
    }
    int64_t person = names_find(&list->people, who, (size_t)length);
    return person >= 0 ? list->group[person] : -1;
}
