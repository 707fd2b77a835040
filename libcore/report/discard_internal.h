/* Error against discard as it is written. */
#ifndef REPORT_DISCARD_INTERNAL_H
#define REPORT_DISCARD_INTERNAL_H

#include <stdio.h>

#include "verify/discard_internal.h"

/* column is what the quality is called. */
void report_discard_table(FILE *out, const Discard *discard, const Comparison *comparison,
                          const char *column, float threshold);

/* A line a point: discarded, quality (those above it are left), pairs, fnmr, threshold_reset,
 * fnmr_reset. */
void report_discard_tsv(FILE *out, const Discard *discard);

#endif
