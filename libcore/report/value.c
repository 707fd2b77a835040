#include "report/value_internal.h"

#include <math.h>

void value_tsv(FILE *out, double value)
{
    if (isnan(value))
        fputs("\tNA", out);
    else
        fprintf(out, "\t%.9g", value);
}

json_t *value_json(double value)
{
    return isnan(value) ? json_null() : json_real(value);
}
