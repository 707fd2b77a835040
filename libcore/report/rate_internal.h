/* An error rate as it is written, with both of its intervals: over resamples of people, and
 * Clopper and Pearson's for pairs. */
#ifndef REPORT_RATE_INTERNAL_H
#define REPORT_RATE_INTERNAL_H

#include <jansson.h>
#include <stdio.h>

#include "verify/error_rates_internal.h"

/* What the rates are of, without the end of the line: the input, and on a line of its own which
 * pairs. */
void rate_table_compared(FILE *out, const Comparison *comparison);

/* The columns of a table after the name of a rate, and the rate; a line each. */
void rate_table_heading(FILE *out);
void rate_table(FILE *out, const ErrorRate *rate);

/* Tabs and value, wrong, pairs, low, high, exact_low, exact_high; a line end. */
void rate_tsv(FILE *out, const ErrorRate *rate);
json_t *rate_as_json(const ErrorRate *rate);

#endif
