/* Operating points for people, as TSV and as JSON. */
#ifndef REPORT_OPERATING_INTERNAL_H
#define REPORT_OPERATING_INTERNAL_H

#include <stdio.h>

#include "verify/operating_internal.h"

/* Where a threshold is to be used: so many people known, so many probes a day; 0: not said. */
typedef struct OperatingUse {
    int64_t gallery, probes;
} OperatingUse;

void report_operating_table(FILE *out, const OperatingPoints *points, const OperatingUse *use,
                            const Evaluation *evaluation);

/* measure, at (the FMR that was asked for), value, wrong, pairs, low, high (of resamples),
 * exact_low, exact_high (Clopper-Pearson) */
void report_operating_tsv(FILE *out, const OperatingPoints *points, const OperatingUse *use);
int report_operating_json(FILE *out, const OperatingPoints *points, const OperatingUse *use,
                          Err *err);

#endif
