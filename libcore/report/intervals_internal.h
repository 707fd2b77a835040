/* Intervals and differences as they are written. */
#ifndef REPORT_INTERVALS_INTERNAL_H
#define REPORT_INTERVALS_INTERNAL_H

#include <jansson.h>
#include <stdio.h>

#include "verify/uncertainty_internal.h"

/* An interval times `scale` as text, "0.912345 .. 0.934567", or "-" for none. */
enum { INTERVAL_TEXT = 64 };
void interval_text(char out[INTERVAL_TEXT], const Interval *interval, double scale, int digits);

/* How the intervals were made, and the differences as a table. */
void intervals_table(FILE *out, const Intervals *intervals);

/* The differences as lines of report_tsv(): "tar-other", "tar-difference" ... */
void intervals_tsv(FILE *out, const Intervals *intervals);

/* JSON for a report: the interval of a figure; how all of them were made, and the differences. */
json_t *interval_json(const Interval *interval);
json_t *intervals_json(const Intervals *intervals);

#endif
