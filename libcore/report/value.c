#include "report/value_internal.h"

#include <math.h>

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

void value_tsv_none(FILE *out, int columns)
{
    for (int i = 0; i < columns; i++)
        value_tsv(out, NAN);
}

json_t *value_json(double value)
{
    return isnan(value) ? json_null() : json_real(value);
}
