/* Calibration of people that did not take part in making it. */
#ifndef VERIFY_CALIBRATION_FOLDS_INTERNAL_H
#define VERIFY_CALIBRATION_FOLDS_INTERNAL_H

#include "verify/calibration_internal.h"
#include "verify/comparison_internal.h"

enum { CALIBRATION_FOLDS = 5 };

/* The identities are drawn into folds; what is fitted to the pairs of all other people measures
 * those of the fold's among themselves, so that nobody is on both sides. The embeddings must still
 * be there. Scores without people, and too few people of both kinds, have no folds: cost->pairs is
 * then 0. */
int calibration_folds(CalibrationCost *cost, CalibrationRule rule, const Comparison *comparison,
                      int64_t seed, Pool *pool, Err *err);

#endif
