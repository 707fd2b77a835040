/* Error rates at a threshold that was set elsewhere, for people, as TSV and as JSON. */
#ifndef REPORT_FIXED_INTERNAL_H
#define REPORT_FIXED_INTERNAL_H

#include <stdio.h>

#include "verify/calibrated_internal.h"
#include "verify/threshold_internal.h"

typedef struct FixedReport {
    const Comparison *comparison; /* what the rates were measured on */
    const Threshold *threshold;   /* its rates are those where it was set, if they are known */
    const char *at;               /* how it was set there; NULL: not known */
    ErrorRates rates;
    const CalibrationTrial *trial; /* of the threshold's calibration; NULL: it has none */
} FixedReport;

void report_fixed_table(FILE *out, const FixedReport *report);

/* measure, value, wrong, pairs, low, high (of resamples), exact_low, exact_high (Clopper-Pearson):
 * threshold, fmr, fnmr, hter, with failures to acquire fta, far, frr, and what is known of set-fmr,
 * set-fnmr, set-hter */
void report_fixed_tsv(FILE *out, const FixedReport *report);
int report_fixed_json(FILE *out, const FixedReport *report, Err *err);

#endif
