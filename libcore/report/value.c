#include "report/value_internal.h"

#include <math.h>

#include "base/jansson_internal.h"

void value_tsv_digits(FILE *out, double value, int digits)
{
    if (isnan(value))
        fputs("\tNA", out);
    else
        fprintf(out, "\t%.*g", digits, value);
}

void value_tsv(FILE *out, double value)
{
    value_tsv_digits(out, value, 9);
}

void value_table(FILE *out, double value, int width)
{
    if (isnan(value))
        fprintf(out, "%-*s", width, "-");
    else
        fprintf(out, fabs(value) >= 1e6 && value == floor(value) ? "%-*.0f" : "%-*.6g", width,
                value);
}

void value_tsv_none(FILE *out, int columns)
{
    for (int i = 0; i < columns; i++)
        value_tsv(out, NAN);
}

json_t *value_json(double value)
{
    return isnan(value) ? json_null() : json_real(value);
}

int value_json_write(FILE *out, json_t *root, int digits, const char *what, Err *err)
{
    size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(digits);
    int rc = jansson_check(what, err);
    if (rc == 0)
        rc = root != NULL ? json_dumpf(root, out, flags) : -1;
    json_decref(root);
    rc |= jansson_check(what, err);
    if (rc != 0)
        return err_set(err, "cannot write %s (a name that is not UTF-8?)", what);
    fputc('\n', out);
    return 0;
}
