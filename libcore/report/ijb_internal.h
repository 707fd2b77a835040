/* What eval-ijb finds, as TSV: a line a figure. */
#ifndef REPORT_IJB_INTERNAL_H
#define REPORT_IJB_INTERNAL_H

#include <stdio.h>

void report_ijb_header(FILE *out);

/* NaN is written as NA, and then so is the threshold. */
void report_ijb_line(FILE *out, const char *switches, const char *measure, double at, double value,
                     double threshold, const char *convention);

#endif
