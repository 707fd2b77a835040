/* What eval-ijb finds, a line a figure: as TSV, or for people. */
#ifndef REPORT_IJB_INTERNAL_H
#define REPORT_IJB_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

void report_ijb_header(FILE *out, bool tsv);

/* NaN is written as NA, for people as a dash, and then so is the threshold. */
void report_ijb_line(FILE *out, bool tsv, const char *switches, const char *measure, double at,
                     double value, double threshold, const char *convention);

#endif
