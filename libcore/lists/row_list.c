#include "lists/row_list_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/file_internal.h"
#include "base/num_internal.h"

#define TEXT_LIMIT ((size_t)1 << 32)

/* Cuts the text into lines, without white space at their ends; empty ones are left out. */
static int cut_lines(RowList *list, Err *err)
{
    size_t lines = 1;
    for (const char *c = list->text; *c != '\0'; c++)
        lines += *c == '\n';
    list->key = malloc(lines * sizeof *list->key);
    list->label = malloc(lines * sizeof *list->label);
    if (list->key == NULL || list->label == NULL)
        return err_memory(err, "a list", lines * 2 * sizeof *list->label);
    for (char *at = list->text; *at != '\0';) {
        char *line = at + strspn(at, " \t"), *end = line + strcspn(line, "\n");
        at = *end == '\n' ? end + 1 : end;
        while (end > line && strchr(" \t\r", end[-1]) != NULL)
            end--;
        *end = '\0';
        if (end > line)
            list->key[list->n++] = line;
    }
    return 0;
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
    *list = (RowList){.text = file_read(path, TEXT_LIMIT, &size, err)};
    if (list->text == NULL)
        return -1;
    if (strlen(list->text) != size) {
        row_list_release(list);
        return err_set(err, "%s: not a text file", path);
    }
    if (cut_lines(list, err) != 0) {
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
