#include "stream-ls/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/escape_internal.h"
#include "stream/rows.h"

enum { FIELD_FRAME, FIELD_ROW, FIELD_KEY, FIELD_LABEL, FIELD_NAME };

static const char *const names[TABLE_FIELDS] = {"frame", "row", "key", "label", "name"};

static int field_of(const char *name, size_t length)
{
    for (int k = 0; k < TABLE_FIELDS; k++)
        if (strlen(names[k]) == length && strncmp(names[k], name, length) == 0)
            return k;
    return -1;
}

int row_table_init(RowTable *table, const char *fields, Err *err)
{
    *table = (RowTable){0};
    for (const char *at = fields != NULL ? fields : "frame,row,key,label,name"; *at != '\0';) {
        size_t length = strcspn(at, ",");
        int field = field_of(at, length);
        if (field < 0 || table->fields == TABLE_FIELDS)
            return err_set(err,
                           "'%.*s' is no field, or one too many; there are: frame, row, key, "
                           "label, name",
                           (int)(length < 100 ? length : 100), at);
        table->field[table->fields++] = field;
        at += length + (at[length] == ',');
    }
    return table->fields > 0 ? 0 : err_set(err, "no field is given");
}

void row_table_heading(const RowTable *table)
{
    for (int k = 0; k < table->fields; k++)
        printf("%s%s", k > 0 ? "\t" : "", names[table->field[k]]);
    putchar('\n');
}

static void put_text(const Column *column, int64_t i)
{
    size_t size;
    if (column == NULL || !column->ragged)
        return;
    const uint8_t *text = column_row(column, i, &size);
    escape_put(stdout, (const char *)text, size);
}

static void put_label(const Column *column, int64_t i)
{
    bool labelled =
        column != NULL && !column->ragged && column->dtype == DTYPE_I64 && column->ndim == 0;
    printf("%" PRId64, labelled ? column_i64(column, i) : -1);
}

static void put_field(const RowTable *table, const Rows *rows, int field, int64_t i)
{
    switch (field) {
    case FIELD_FRAME:
        printf("%" PRId64, table->frame);
        break;
    case FIELD_ROW:
        printf("%" PRId64, table->row);
        break;
    case FIELD_LABEL:
        put_label(rows_find(rows, names[field]), i);
        break;
    default:
        put_text(rows_find(rows, names[field]), i);
    }
}

int row_table_put(RowTable *table, const Frame *frame, Err *err)
{
    Rows rows;
    if (rows_of(&rows, frame, err) != 0)
        return -1;
    for (int64_t i = 0; i < rows.n; i++, table->row++)
        for (int k = 0; k < table->fields; k++) {
            put_field(table, &rows, table->field[k], i);
            putchar(k + 1 < table->fields ? '\t' : '\n');
        }
    table->frame++;
    rows_release(&rows);
    return 0;
}
