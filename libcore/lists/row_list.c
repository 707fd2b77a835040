#include "lists/row_list_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/file_internal.h"
#include "base/lines_internal.h"
#include "base/num_internal.h"

#define TEXT_LIMIT ((size_t)1 << 32)

/* Cuts the text into lines, without white space at their ends; empty ones are left out. */
static int cut_lines(RowList *list, size_t size, Err *err)
{
    int64_t room = 0;
    Lines lines = lines_of(list->text, size);
    while (lines_next(&lines)) {
        char *line = lines.at + strspn(lines.at, " \t"), *end = lines.at + lines.size;
        while (end > line && strchr(" \t\r", end[-1]) != NULL)
            end--;
        *end = '\0';
        if (end <= line)
            continue;
        if (array_reserve(list->key, room, list->n + 1, "a list", err) != 0)
            return -1;
        list->key[list->n++] = line;
    }
    list->label = malloc(((size_t)list->n + 1) * sizeof *list->label);
    return list->label != NULL ? 0
                               : err_memory(err, "a list", (size_t)list->n * sizeof *list->label);
}

/* The last field of a line, or NULL when it has but one */
static char *last_field(const char *line)
{
    const char *space = strrchr(line, ' '), *tab = strrchr(line, '\t');
    const char *later = tab == NULL || (space != NULL && space > tab) ? space : tab;
    return later != NULL ? (char *)later + 1 : NULL;
}

static void read_labels(RowList *list)
{
    list->labelled = list->n > 0;
    for (int64_t i = 0; i < list->n && list->labelled; i++) {
        const char *field = last_field(list->key[i]);
        list->labelled = field != NULL && num_int(field, -1, INT64_MAX, &list->label[i]);
    }
    for (int64_t i = 0; i < list->n && list->labelled; i++) {
        char *end = last_field(list->key[i]);
        while (end > list->key[i] && strchr(" \t", end[-1]) != NULL)
            end--;
        *end = '\0';
    }
}

int row_list_read(RowList *list, const char *path, Err *err)
{
    size_t size;
    *list = (RowList){.text = file_read_text(path, TEXT_LIMIT, &size, err)};
    if (list->text == NULL)
        return -1;
    if (cut_lines(list, size, err) != 0) {
        row_list_release(list);
        return -1;
    }
    read_labels(list);
    return 0;
}

void row_list_release(RowList *list)
{
    free(list->text);
    free(list->key);
    free(list->label);
    *list = (RowList){0};
}
