/* An evaluation written for people, as TSV or as JSON. Every figure comes with the convention it
 * follows; one that cannot be measured is never written as a number. */
#ifndef REPORT_EVALUATION_INTERNAL_H
#define REPORT_EVALUATION_INTERNAL_H

#include <stdio.h>

#include "verify/evaluation_internal.h"
#include "verify/uncertainty_internal.h"

/* intervals may be NULL in all of these. */

void report_table(FILE *out, const Evaluation *evaluation, const Intervals *intervals);

/* A header line, then a line a figure: measure, at, value, spread, threshold, impostors accepted,
 * convention; with intervals low and high. NA where there is no value. */
void report_tsv(FILE *out, const Evaluation *evaluation, const Intervals *intervals);

int report_json(FILE *out, const Evaluation *evaluation, const Intervals *intervals, Err *err);

/* The curve as TSV, from (0, ...) to (1, 1): FAR, TAR, threshold, and how many impostors and
 * genuine pairs it accepts; with band[vertices], which may be NULL, also low and high of each
 * TAR. */
void report_curve(FILE *out, const Evaluation *evaluation, const Interval *band);

#endif
