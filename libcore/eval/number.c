#include "eval/number.h"

#include <math.h>

void number_tsv(FILE *out, double value)
{
    if (isnan(value))
        fputs("\tNA", out);
    else
        fprintf(out, "\t%.9g", value);
}

json_t *number_json(double value)
{
    return isnan(value) ? json_null() : json_real(value);
}
