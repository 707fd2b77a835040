/* Histograms of scores as a table. */
#ifndef REPORT_HISTOGRAM_INTERNAL_H
#define REPORT_HISTOGRAM_INTERNAL_H

#include <stdio.h>

#include "scores/histogram_internal.h"

/* TSV: where each bin begins and ends, and the scores of each kind in it. Empty bins at either end
 * are left out. */
void report_histogram(FILE *out, const Histogram *histogram);

#endif
