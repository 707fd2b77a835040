/* Calibration: what makes log-likelihood ratios of scores, ln p(score | genuine) / p(score |
 * impostor), with which a probability follows for any prior.
 *
 * The logistic rule is slope * score + offset, fitted at even odds of both kinds whatever their
 * numbers are, with Platt's targets (one more observation of either kind), so that scores which are
 * separated without an error do not give ratios without bound. The isotonic one is the steps of
 * pooled adjacent violators, with one genuine score below all others and one impostor above. */
#ifndef VERIFY_CALIBRATION_INTERNAL_H
#define VERIFY_CALIBRATION_INTERNAL_H

#include <stdint.h>

#include "base/pool.h"
#include "scores/scores.h"

typedef enum CalibrationRule {
    CALIBRATION_NONE,
    CALIBRATION_LOGISTIC,
    CALIBRATION_ISOTONIC
} CalibrationRule;

enum { CALIBRATION_STEPS = 1024 };

typedef struct CalibrationStep {
    double from, llr; /* from this score to the next step; the first from -INFINITY */
} CalibrationStep;

typedef struct Calibration {
    CalibrationRule rule;
    double slope, offset;                    /* of the logistic rule */
    CalibrationStep step[CALIBRATION_STEPS]; /* of the isotonic one, ascending */
    int steps;
} Calibration;

const char *calibration_name(CalibrationRule rule); /* "logistic", "isotonic" */

/* No score may be larger than bound, or smaller than -bound. Fails without scores of both kinds.
 * The same for any number of threads. */
int calibration_fit(Calibration *calibration, CalibrationRule rule, const Scores *scores,
                    double bound, Pool *pool, Err *err);

/* Not of CALIBRATION_NONE. */
double calibration_llr(const Calibration *calibration, double score);

/* Of one person, at even odds. */
double calibration_probability(double llr);

/* What log-likelihood ratios cost, in bits, and how many fall into each bin of the probability. */
enum { CALIBRATION_BINS = 20 };

typedef struct CalibrationCost {
    int64_t pairs[2];                        /* of impostors, of genuine pairs */
    double bits[2];                          /* summed up */
    int64_t count[2][CALIBRATION_BINS];      /* of pairs whose probability is in the bin */
    double probability[2][CALIBRATION_BINS]; /* their sum */
} CalibrationCost;

/* Adds the scores. */
int calibration_cost(CalibrationCost *cost, const Calibration *calibration, const Scores *scores,
                     Pool *pool, Err *err);

/* Cllr (Bruemmer and du Preez, Computer Speech & Language 20, 2006): 0 of perfect ratios, 1 of
 * those that say nothing, more of those that mislead. NaN without scores of both kinds. */
double calibration_cllr(const CalibrationCost *cost);

#endif
