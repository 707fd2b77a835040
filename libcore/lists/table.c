#include "lists/table_internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/file_internal.h"
#include "base/lines_internal.h"
#include "base/num_internal.h"
#include "base/path_internal.h"

enum { MAX_BYTES = INT32_MAX, MAX_COLUMNS = 16 };

/* Cuts the last field off the line and returns it, NULL when nothing is left. *end is where the
 * line ends and is moved. */
static char *last_field(char *line, char **end)
{
    char *stop = *end;
    while (stop > line && isspace((unsigned char)stop[-1]))
        stop--;
    *stop = '\0';
    char *field = stop;
    while (field > line && !isspace((unsigned char)field[-1]))
        field--;
    *end = field;
    return field < stop ? field : NULL;
}

static int make_room(Table *table, Err *err)
{
    if (table->paths.n < table->room)
        return 0;
    int64_t rows = table->room;
    size_t row = (size_t)table->columns * sizeof(double);
    if (!array_fit_bytes(&table->value, &rows, table->paths.n + 1, row))
        return array_refuse((size_t)table->paths.n + 1, row, table->file, err);
    return array_reserve(table->line, table->room, table->paths.n + 1, table->file, err);
}

int table_add(Table *table, const char *path, size_t size, const double *value, int64_t line,
              Err *err)
{
    char *name = strndup(path, size);
    if (name == NULL || make_room(table, err) != 0) {
        free(name);
        return err_memory(err, table->file, size);
    }
    const char *clean = path_clean(name);
    const int64_t row = table->paths.n;
    int64_t number = names_add(&table->paths, clean, strlen(clean), err);
    int rc = number < 0 ? -1 : 0;
    if (rc == 0 && number < row)
        rc = err_set(err, "%s: line %lld: %s is already in line %lld", table->file, (long long)line,
                     clean, (long long)table->line[number]);
    free(name);
    if (rc == 0) {
        memcpy(table->value + row * table->columns, value, (size_t)table->columns * sizeof *value);
        table->line[row] = line;
    }
    return rc;
}

static int add_line(Table *table, char *text, char *end, int64_t line, Err *err)
{
    double value[MAX_COLUMNS];
    for (int i = table->columns; i-- > 0;) {
        char *field = last_field(text, &end);
        if (field == NULL || field == text)
            return err_set(err, "%s: line %lld: not a path and %d number%s", table->file,
                           (long long)line, table->columns, table->columns > 1 ? "s" : "");
        if (!num_double(field, -1e9, 1e9, &value[i]))
            return err_set(err, "%s: line %lld: '%s' is not a number", table->file, (long long)line,
                           field);
    }
    while (end > text && isspace((unsigned char)end[-1]))
        end--;
    while (text < end && isspace((unsigned char)*text))
        text++;
    return table_add(table, text, (size_t)(end - text), value, line, err);
}

static int parse(Table *table, char *text, size_t size, Err *err)
{
    Lines lines = lines_of(text, size);
    while (lines_next(&lines)) {
        char *line = lines.at, *end = line + lines.size;
        *end = '\0';
        if (line[strspn(line, " \t\r\v\f")] != '\0' &&
            add_line(table, line, end, lines.number, err) != 0)
            return -1;
    }
    return 0;
}

int table_begin(Table *table, const char *file, int columns, Err *err)
{
    *table = (Table){.columns = columns, .file = strdup(file)};
    return table->file != NULL ? 0 : err_memory(err, file, strlen(file));
}

int table_read(Table *table, const char *file, int columns, Err *err)
{
    size_t size;
    if (table_begin(table, file, columns, err) != 0)
        return -1;
    char *text = file_read(file, MAX_BYTES, &size, err);
    int rc = text != NULL ? parse(table, text, size, err) : -1;
    free(text);
    if (rc == 0 && table->paths.n == 0)
        rc = err_set(err, "%s: empty", file);
    if (rc != 0)
        table_release(table);
    return rc;
}

void table_release(Table *table)
{
    names_release(&table->paths);
    free(table->file);
    free(table->value);
    free(table->line);
    *table = (Table){0};
}

int64_t table_find(const Table *table, const char *path)
{
    for (;;) {
        int64_t row = names_find(&table->paths, path, strlen(path));
        const char *slash = strchr(path, '/');
        if (row >= 0 || slash == NULL)
            return row;
        path = slash + 1;
    }
}
