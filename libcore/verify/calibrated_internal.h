/* Calibrations of a comparison and what they cost. */
#ifndef VERIFY_CALIBRATED_INTERNAL_H
#define VERIFY_CALIBRATED_INTERNAL_H

#include "verify/calibration_folds_internal.h"

/* One rule: on the pairs it was fitted to, and on people who took no part. */
typedef struct Calibrated {
    Calibration calibration;
    CalibrationCost own, others; /* others.pairs 0: not measured */
} Calibrated;

typedef struct CalibrationFits {
    Calibrated logistic, isotonic;
    double min_cllr;
} CalibrationFits;

int calibrated_fit(CalibrationFits *fits, const Comparison *comparison, int64_t seed, Pool *pool,
                   Err *err);

/* One from elsewhere, applied. */
typedef struct CalibrationTrial {
    CalibrationCost cost;
    double min_cllr;
} CalibrationTrial;

int calibrated_try(CalibrationTrial *trial, const Calibration *calibration,
                   const Comparison *comparison, Pool *pool, Err *err);

#endif
