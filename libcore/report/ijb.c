#include "report/ijb_internal.h"

#include <math.h>
#include <string.h>

#include "report/value_internal.h"

void report_ijb_header(FILE *out, bool tsv)
{
    if (tsv)
        fputs("switches\tmeasure\tat\tvalue\tthreshold\tconvention\n", out);
    else
        fprintf(out, "%-10s%-22s%-10s%-14s%-14s%s\n", "switches", "measure", "at", "value",
                "threshold", "convention");
}

void report_ijb_line(FILE *out, bool tsv, const char *switches, const char *measure, double at,
                     double value, double threshold, const char *convention)
{
    threshold = isnan(value) ? (double)NAN : threshold;
    if (tsv) {
        fprintf(out, "%s\t%s", switches, measure);
        value_tsv_digits(out, at, 6);
        value_tsv(out, value);
        value_tsv(out, threshold);
        fprintf(out, "\t%s\n", convention);
        return;
    }
    fprintf(out, "%-10s%-22s", switches, measure);
    value_table(out, at, 10);
    value_table(out, value, 14);
    value_table(out, threshold, 14);
    fprintf(out, "%s\n", strcmp(convention, "NA") == 0 ? "-" : convention);
}
