#include "stream-ls/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape_internal.h"
#include "stream/number_column_internal.h"

int row_table_init(RowTable *table, const char *fields, Err *err)
{
    *table = (RowTable){0};
    for (const char *at = fields != NULL ? fields : "frame,row,key,label,name"; *at != '\0';) {
        size_t length = strcspn(at, ",");
        if (length == 0)
            return err_set(err, "--fields: there is an empty field");
        if (table->fields == TABLE_FIELDS)
            return err_set(err, "--fields: more than %d fields", TABLE_FIELDS);
        char *field = strndup(at, length);
        if (field == NULL)
            return err_memory(err, "a field", length);
        table->field[table->fields++] = field;
        at += length + (at[length] == ',');
    }
    return table->fields > 0 ? 0 : err_set(err, "--fields: no field is given");
}

void row_table_release(RowTable *table)
{
    for (int k = 0; k < table->fields; k++)
        free(table->field[k]);
    *table = (RowTable){0};
}

void row_table_heading(RowTable *table)
{
    for (int k = 0; k < table->fields && !table->headed; k++) {
        fputs(k > 0 ? "\t" : "", stdout);
        escape_put(stdout, table->field[k], strlen(table->field[k]));
    }
    if (!table->headed)
        putchar('\n');
    table->headed = true;
}

static bool is(const char *field, const char *name)
{
    return strcmp(field, name) == 0;
}

/* Fields that need no column */
static bool is_optional(const char *field)
{
    return is(field, "frame") || is(field, "row") || is(field, "key") || is(field, "label") ||
           is(field, "name");
}

/* The names of columns, as far as they fit */
static const char *names_of(char *names, size_t room, const Rows *rows)
{
    size_t used = 0;
    names[0] = '\0';
    for (size_t k = 0; k < rows->columns; k++) {
        const char *name = rows->column[k].name;
        if (used + strlen(name) + 3 > room)
            break;
        used += (size_t)snprintf(names + used, room - used, "%s%s", k > 0 ? ", " : "", name);
    }
    return names;
}

static int check_fields(const RowTable *table, const Rows *rows, Err *err)
{
    char names[200];
    for (int k = 0; k < table->fields; k++) {
        const Column *column = rows_find(rows, table->field[k]);
        if (is_optional(table->field[k]))
            continue;
        if (column == NULL)
            return err_set(err, "no column '%s'; there are: frame, row, %s", table->field[k],
                           names_of(names, sizeof names, rows));
        if (!column->ragged && !number_column_is(column))
            return err_set(err, "column '%s' is neither text nor one number a row (F32, F64, I64)",
                           table->field[k]);
    }
    return 0;
}

static void put_column(const Column *column, int64_t i)
{
    size_t size;
    if (column->ragged) {
        const uint8_t *text = column_row(column, i, &size);
        escape_put(stdout, (const char *)text, size);
    } else if (column->dtype == DTYPE_I64) {
        printf("%" PRId64, column_i64(column, i));
    } else { /* digits enough to read the same number back */
        printf("%.*g", column->dtype == DTYPE_F32 ? 9 : 17, number_column_row(column, i));
    }
}

static void put_field(const RowTable *table, const Rows *rows, const char *field, int64_t i)
{
    const Column *column = rows_find(rows, field);
    if (is(field, "frame"))
        printf("%" PRId64, table->frame);
    else if (is(field, "row"))
        printf("%" PRId64, table->row);
    else if (column != NULL && (column->ragged || number_column_is(column)))
        put_column(column, i);
    else if (is(field, "label"))
        printf("-1");
}

int row_table_put(RowTable *table, const Frame *frame, Err *err)
{
    Rows rows;
    if (rows_of(&rows, frame, err) != 0)
        return -1;
    int rc = rows.n > 0 ? check_fields(table, &rows, err) : 0;
    if (rc == 0)
        row_table_heading(table);
    for (int64_t i = 0; rc == 0 && i < rows.n; i++, table->row++)
        for (int k = 0; k < table->fields; k++) {
            put_field(table, &rows, table->field[k], i);
            putchar(k + 1 < table->fields ? '\t' : '\n');
        }
    table->frame++;
    rows_release(&rows);
    return rc;
}
