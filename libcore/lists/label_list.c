#include "lists/label_list_internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file_internal.h"
#include "base/lines_internal.h"
#include "base/num_internal.h"
#include "base/path_internal.h"
#include "lists/json_list_internal.h"

enum { MAX_BYTES = INT32_MAX, FIELDS = 24, TEXT = 64 };

typedef struct Field {
    const char *at;
    size_t size;
} Field;

typedef struct Line {
    Field field[FIELDS]; /* by tabs */
    int fields;          /* FIELDS + 1: more than there is room for */
    Field all;           /* without white space around it */
} Line;

/* Whether a form fits the line, and what it then says. */
typedef bool TakeLine(const Line *line, Field *path, double *label);

static bool number(Field field, double *out)
{
    char text[TEXT];
    if (field.size == 0 || field.size >= sizeof text)
        return false;
    memcpy(text, field.at, field.size);
    text[field.size] = '\0';
    return num_double(text, -1e9, 1e9, out);
}

static bool whole(Field field, double *out)
{
    return number(field, out) && *out == (double)(int64_t)*out;
}

static bool all_numbers(const Line *line, int begin, int end)
{
    double value;
    for (int i = begin; i < end; i++)
        if (!number(line->field[i], &value))
            return false;
    return true;
}

static bool take_im2rec(const Line *line, Field *path, double *label)
{
    double value;
    int last = line->fields - 1;
    if (line->fields < 3 || line->fields > FIELDS || !whole(line->field[0], &value))
        return false;
    *path = line->field[last];
    return path->size > 0 && !number(*path, &value) && all_numbers(line, 1, last) &&
           number(line->field[1], label);
}

static bool take_face2rec2(const Line *line, Field *path, double *label)
{
    double aligned, value;
    if (line->fields < 3 || line->fields > FIELDS || !number(line->field[0], &aligned) ||
        (aligned != 0 && aligned != 1))
        return false;
    *path = line->field[1];
    return path->size > 0 && !number(*path, &value) && whole(line->field[2], label) &&
           all_numbers(line, 3, line->fields);
}

/* The last field by white space, cut off from what is left of the line */
static Field cut_last(Field *left)
{
    size_t end = left->size;
    while (end > 0 && !isspace((unsigned char)left->at[end - 1]))
        end--;
    Field last = {left->at + end, left->size - end};
    while (end > 0 && isspace((unsigned char)left->at[end - 1]))
        end--;
    left->size = end;
    return last;
}

static bool is_zero(Field field)
{
    return field.size == 1 && field.at[0] == '0';
}

static bool take_magface(const Line *line, Field *path, double *label)
{
    *path = line->all;
    Field last = cut_last(path), id = cut_last(path), first = cut_last(path);
    return is_zero(last) && is_zero(first) && whole(id, label) && path->size > 0;
}

static void split(Line *line, const char *text, size_t size)
{
    while (size > 0 && isspace((unsigned char)text[size - 1]))
        size--;
    line->fields = 0;
    const char *at = text, *end = text + size;
    while (line->fields < FIELDS) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        const char *stop = tab != NULL ? tab : end;
        line->field[line->fields++] = (Field){at, (size_t)(stop - at)};
        if (tab == NULL)
            break;
        at = tab + 1;
        if (line->fields == FIELDS)
            line->fields = FIELDS + 1;
    }
    while (size > 0 && isspace((unsigned char)*text)) {
        text++;
        size--;
    }
    line->all = (Field){text, size};
}

static const struct {
    const char *name;
    TakeLine *take;
} forms[] = {{"im2rec's list", take_im2rec},
             {"face2rec2's list", take_face2rec2},
             {"MagFace's list", take_magface}};
enum { FORMS = sizeof forms / sizeof forms[0] };

/* Walks over the lines: with a table to fill it, else to see whether all of them fit. */
static int walk(TakeLine *take, Table *table, char *text, size_t size, Err *err)
{
    Line line;
    Field path;
    double label;
    Lines lines = lines_of(text, size);
    while (lines_next(&lines)) {
        split(&line, lines.at, lines.size);
        if (line.all.size == 0)
            continue;
        if (!take(&line, &path, &label))
            return -1;
        if (table != NULL && table_add(table, path.at, path.size, &label, lines.number, err) != 0)
            return -1;
    }
    return 0;
}

/* The first of the forms that all lines have, or -1 for that of path and label */
static int recognise(char *text, size_t size)
{
    bool blank = text[strspn(text, " \t\r\n\v\f")] == '\0';
    for (int i = 0; i < FORMS && !blank; i++)
        if (walk(forms[i].take, NULL, text, size, NULL) == 0)
            return i;
    return -1;
}

int label_list_read(Table *table, const char *file, const char **form, Err *err)
{
    size_t size;
    *form = NULL;
    char *text = file_read(file, MAX_BYTES, &size, err);
    if (text == NULL)
        return -1;
    bool json = json_list_is(text, size);
    int rc, i = json ? -1 : recognise(text, size);
    if (!json && i < 0) {
        rc = table_read(table, file, 1, err);
    } else if ((rc = table_begin(table, file, 1, err)) == 0) {
        *form = json ? "MegaFace's list" : forms[i].name;
        rc = json ? json_list_add(table, text, size, err)
                  : walk(forms[i].take, table, text, size, err);
        if (rc != 0)
            table_release(table);
    }
    free(text);
    return rc;
}
