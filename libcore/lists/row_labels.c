#include "lists/row_labels_internal.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/file_internal.h"
#include "base/lines_internal.h"
#include "base/num_internal.h"

#define TEXT_LIMIT ((size_t)1 << 32)

void row_labels_release(RowLabels *labels)
{
    free(labels->label);
    *labels = (RowLabels){0};
}

/* The field of that number, or the last one for -1, without spaces and quotation marks around it;
 * NULL when there are fewer. Changes the line. */
static char *field_of(char *line, char comma, int64_t number)
{
    char *field = line;
    for (int64_t i = 0; i != number; i++) {
        char *next = comma != '\0' ? strchr(field, comma) : NULL;
        if (next == NULL && number < 0)
            break;
        if (next == NULL)
            return NULL;
        field = next + 1;
    }
    field[comma != '\0' ? strcspn(field, (char[2]){comma, '\0'}) : strlen(field)] = '\0';
    field += strspn(field, " \"");
    for (size_t size = strlen(field); size > 0 && strchr(" \"\r", field[size - 1]) != NULL; size--)
        field[size - 1] = '\0';
    return field;
}

/* The number of the column "label" of a heading; -1: it has none, or is none. */
static int64_t heading(const char *line, char comma)
{
    int64_t column = 0, found = -1;
    char *copy = strdup(line);
    char *field = copy;
    while (copy != NULL && found < 0 && (field = field_of(copy, comma, column)) != NULL) {
        found = strcmp(field, "label") == 0 ? column : -1;
        strcpy(copy, line);
        column++;
    }
    free(copy);
    return found;
}

static int add(RowLabels *labels, int64_t *room, const char *field, const char *path,
               int64_t number, Err *err)
{
    int64_t label;
    if (field == NULL || !num_int(field, -1, INT64_MAX, &label))
        return err_set(err,
                       "%.300s, line %" PRId64
                       ": '%.100s' is no label: it should be a whole number from -1 on",
                       path, number, field != NULL ? field : "");
    if (array_reserve(labels->label, *room, labels->n + 1, "labels", err) != 0)
        return -1;
    labels->label[labels->n++] = label;
    return 0;
}

static int read_lines(RowLabels *labels, char *text, size_t size, const char *path, Err *err)
{
    int64_t room = 0, column = -1;
    char comma = '\0';
    for (Lines line = lines_of(text, size); lines_next(&line);) {
        line.at[line.size] = '\0';
        if (line.at[strspn(line.at, " \r")] == '\0')
            continue;
        if (line.number == 1) {
            comma = strchr(line.at, '\t') != NULL  ? '\t'
                    : strchr(line.at, ',') != NULL ? ','
                                                   : '\0';
            column = heading(line.at, comma);
            if (column >= 0)
                continue;
        }
        if (add(labels, &room, field_of(line.at, comma, column), path, line.number, err) != 0)
            return -1;
    }
    return 0;
}

int row_labels_read(RowLabels *labels, const char *path, Err *err)
{
    size_t size;
    *labels = (RowLabels){0};
    char *text = file_read_text(path, TEXT_LIMIT, &size, err);
    int rc = text != NULL ? read_lines(labels, text, size, path, err) : -1;
    free(text);
    if (rc != 0)
        row_labels_release(labels);
    return rc;
}
