/* eval-roc --fit-calibration, --reliability */
#ifndef CMD_EVAL_ROC_CALIBRATE_H
#define CMD_EVAL_ROC_CALIBRATE_H

#include "eval-roc/stream.h"
#include "verify/calibrated_internal.h"

/* Fits both rules, and writes a threshold with that of --calibration. */
int calibrate(const Stream *stream, const Options *o, Pool *pool, Err *err);

int write_reliability(const CalibrationCost *cost, const char *path, Err *err);

#endif
