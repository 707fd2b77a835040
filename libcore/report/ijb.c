#include "report/ijb_internal.h"

#include <math.h>

#include "report/value_internal.h"

void report_ijb_header(FILE *out)
{
    fputs("switches\tmeasure\tat\tvalue\tthreshold\tconvention\n", out);
}

void report_ijb_line(FILE *out, const char *switches, const char *measure, double at, double value,
                     double threshold, const char *convention)
{
    fprintf(out, "%s\t%s", switches, measure);
    value_tsv_digits(out, at, 6);
    value_tsv(out, value);
    value_tsv(out, isnan(value) ? NAN : threshold);
    fprintf(out, "\t%s\n", convention);
}
