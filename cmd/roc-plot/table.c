#include "roc-plot/table.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/num_internal.h"
#include "cli/named.h"
#include "lists/fields_internal.h"

enum { COLUMNS = TABLE_COLUMNS, NOT_THERE = -1 };

typedef struct Columns {
    int at[COLUMNS];
} Columns;

static int column(const Fields *f, const char *name)
{
    for (int i = 0; i < f->n; i++)
        if (strcmp(f->field[i], name) == 0)
            return i;
    return NOT_THERE;
}

/* The first TARs of a validation, and the accuracy if that leaves a place. */
static int find_measures(Columns *columns, Table *table, const Fields *f, Err *err)
{
    int n = 0;
    *columns = (Columns){{0, NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE}};
    for (int i = 1; i < f->n && n < 3; i++) {
        if (strncmp(f->field[i], "tar@", 4) != 0 && strcmp(f->field[i], "accuracy") != 0)
            continue;
        columns->at[n + 1] = i;
        table->measure[n] = strdup(f->field[i]);
        if (table->measure[n++] == NULL)
            return err_memory(err, "a name", strlen(f->field[i]));
    }
    return 0;
}

/* By the header. */
static int find_columns(Columns *columns, Table *table, const Fields *f, Err *err)
{
    int low = column(f, "low"), high = column(f, "high");
    if (column(f, "far") >= 0 && column(f, "tar") >= 0) {
        table->kind = TABLE_CURVE;
        table->band = low >= 0 && high >= 0;
        *columns = (Columns){{column(f, "far"), column(f, "tar"), table->band ? low : NOT_THERE,
                              table->band ? high : NOT_THERE, column(f, "threshold")}};
    } else if (column(f, "discarded") == 0 && column(f, "fnmr") > 0) {
        table->kind = TABLE_EDC;
        *columns = (Columns){{0, column(f, "fnmr"), NOT_THERE, NOT_THERE, NOT_THERE}};
    } else if (column(f, "people") == 0 && column(f, "fpir") > 0 && column(f, "fnir") > 0) {
        table->kind = TABLE_SIZE;
        table->grouped = true;
        *columns = (Columns){{0, column(f, "fnir"), column(f, "fpir"), NOT_THERE, NOT_THERE}};
    } else if (column(f, "alpha") == 0 && column(f, "hter") > 0) {
        table->kind = TABLE_EPC;
        *columns = (Columns){{0, column(f, "hter"), NOT_THERE, NOT_THERE, NOT_THERE}};
    } else if (low == 0 && column(f, "predicted") > 0 && column(f, "observed") > 0) {
        table->kind = TABLE_RELIABILITY;
        *columns = (Columns){
            {column(f, "predicted"), column(f, "observed"), NOT_THERE, NOT_THERE, NOT_THERE}};
    } else if (low == 0 && high > 0 && column(f, "genuine") > 0 && column(f, "impostor") > 0) {
        table->kind = TABLE_HISTOGRAM;
        *columns = (Columns){{low, high, column(f, "genuine"), column(f, "impostor"), NOT_THERE}};
    } else if (column(f, "measure") == 0 && column(f, "group") == 1 && column(f, "other") == 2) {
        table->kind = TABLE_GROUPS;
        *columns = (Columns){{NOT_THERE, NOT_THERE, column(f, "value"), NOT_THERE, NOT_THERE}};
    } else if (column(f, "measure") == 0 && column(f, "at") > 0 && column(f, "mean") > 0) {
        table->kind = TABLE_CMC;
        *columns = (Columns){{column(f, "at"), column(f, "mean"), NOT_THERE, NOT_THERE, NOT_THERE}};
    } else if (column(f, "rank") >= 0 && column(f, "rate") > 0) {
        table->kind = TABLE_CMC;
        table->grouped = column(f, "compared") >= 0;
        *columns = (Columns){
            {column(f, "rank"), column(f, "rate"), column(f, "compared"), NOT_THERE, NOT_THERE}};
    } else if (column(f, "step") == 0 && column(f, "loss") > 0 && column(f, "lr") > 0) {
        table->kind = TABLE_STEPS;
        *columns = (Columns){{0, column(f, "loss"), column(f, "lr"), NOT_THERE, NOT_THERE}};
    } else if (column(f, "step") == 0 && column(f, "accuracy") > 1) {
        table->kind = TABLE_VALIDATION;
        return find_measures(columns, table, f, err);
    } else {
        return err_set(err,
                       "%s: not a table of eval-roc --roc, --histogram, --groups, --edc, --epc or "
                       "--reliability, of eval-id, or a log of npc-train",
                       f->path);
    }
    return 0;
}

static int read_row(double row[COLUMNS], const Columns *columns, const Fields *f, Err *err)
{
    for (int i = 0; i < COLUMNS; i++) {
        int at = columns->at[i];
        row[i] = NAN;
        if (at == NOT_THERE || (at < f->n && strcmp(f->field[at], "NA") == 0))
            continue;
        if (at >= f->n || !num_double(f->field[at], -DBL_MAX, DBL_MAX, &row[i]))
            return err_set(err, "%s: line %lld: column %d is not a number", f->path,
                           (long long)f->line, at + 1);
    }
    return 0;
}

static int add_row(Table *table, int64_t *room, const double row[COLUMNS], Err *err)
{
    if (array_reserve(table->row, *room, table->rows + 1, "a table", err) != 0)
        return -1;
    memcpy(table->row[table->rows++], row, COLUMNS * sizeof *row);
    return 0;
}

/* The numbers of the two groups, as they come. */
static int number_groups(double row[COLUMNS], Table *table, const Fields *f, Err *err)
{
    for (int i = 0; i < 2; i++) {
        int64_t number = names_add(&table->group, f->field[i + 1], strlen(f->field[i + 1]), err);
        if (number < 0)
            return -1;
        row[i] = (double)number;
    }
    return 0;
}

/* Which lines are drawn of a table that has a figure a line. */
static bool wanted(const Table *table, const Fields *f, bool figures)
{
    if (table->kind == TABLE_GROUPS)
        return strcmp(f->field[0], "fmr") == 0 && f->n > 2;
    return !figures || strcmp(f->field[0], "rank") == 0;
}

static int read_rows(Table *table, Fields *f, Err *err)
{
    Columns columns;
    int64_t room = 0;
    if (!fields_next(f))
        return err_set(err, "%s: empty", f->path);
    if (find_columns(&columns, table, f, err) != 0)
        return -1;
    bool figures = strcmp(f->field[0], "measure") == 0;
    while (fields_next(f)) {
        double row[COLUMNS];
        if (!wanted(table, f, figures))
            continue;
        if (read_row(row, &columns, f, err) != 0 ||
            (table->kind == TABLE_GROUPS && number_groups(row, table, f, err) != 0) ||
            add_row(table, &room, row, err) != 0)
            return -1;
    }
    if (table->rows == 0)
        return err_set(err, "%s: nothing to draw", f->path);
    return 0;
}

static bool ends_in(const char *text, size_t length, const char *end)
{
    size_t n = strlen(end);
    return length > n && memcmp(text + length - n, end, n) == 0;
}

/* The file's name without folders and the extensions such tables go by. */
static char *name_of(const char *path)
{
    static const char *const extension[] = {".tsv", ".txt", ".roc", ".hist", ".cmc", ".epc"};
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    size_t length = strlen(name);
    for (int i = 0; i < 6; i++)
        if (ends_in(name, length, extension[i]))
            length -= strlen(extension[i]);
    return strndup(name, length);
}

int table_read(Table *table, const char *operand, Err *err)
{
    const char *equals = named_equals(operand);
    const char *path = equals != NULL ? equals + 1 : operand;
    Fields fields;
    *table = (Table){.name = equals != NULL ? strndup(operand, (size_t)(equals - operand))
                                            : name_of(path)};
    if (table->name == NULL)
        return err_memory(err, "a name", strlen(operand));
    for (char *c = table->name; *c != '\0'; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    if (fields_open(&fields, path, err) != 0)
        return -1;
    int rc = read_rows(table, &fields, err);
    fields_close(&fields);
    return rc;
}

void table_free(Table *table)
{
    free(table->name);
    free(table->row);
    names_release(&table->group);
    for (int i = 0; i < 3; i++)
        free(table->measure[i]);
    *table = (Table){0};
}
