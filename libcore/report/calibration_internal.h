/* Calibrations as they are written. */
#ifndef REPORT_CALIBRATION_INTERNAL_H
#define REPORT_CALIBRATION_INTERNAL_H

#include <jansson.h>
#include <stdio.h>

#include "verify/calibrated_internal.h"

void report_calibration_table(FILE *out, const CalibrationFits *fits, const Comparison *comparison,
                              int64_t seed);

/* rule, slope, offset, steps, cllr, cllr_others: logistic, isotonic, minimum */
void report_calibration_tsv(FILE *out, const CalibrationFits *fits);
int report_calibration_json(FILE *out, const CalibrationFits *fits, Err *err);

/* What a calibration from elsewhere costs, as lines of a table; as two lines measure, value for a
 * table of eight columns; as JSON. */
void report_trial_table(FILE *out, const CalibrationTrial *trial);
void report_trial_tsv(FILE *out, const CalibrationTrial *trial);
json_t *report_trial_json(const CalibrationTrial *trial);

/* A line for each bin of the probability at even odds: low, high, genuine, impostor, predicted (the
 * mean over both kinds as if there were as many of them), observed (the share of genuine pairs,
 * likewise). */
void report_reliability(FILE *out, const CalibrationCost *cost);

#endif
