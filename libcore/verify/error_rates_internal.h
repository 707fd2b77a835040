/* The error rates at a threshold: FMR, the share of impostors at or above it, and FNMR, that of
 * genuine pairs below it, with intervals over resamples of the identities at that same threshold
 * (scores/resample_internal.h). */
#ifndef VERIFY_ERROR_RATES_INTERNAL_H
#define VERIFY_ERROR_RATES_INTERNAL_H

#include "verify/comparison_internal.h"
#include "verify/interval_internal.h"

typedef struct ErrorRate {
    int64_t wrong, pairs;
    double value; /* wrong / pairs, NaN without pairs */
    Interval interval;
} ErrorRate;

typedef struct ErrorRates {
    ErrorRate fmr, fnmr;
    double hter; /* the mean of both */
    Interval hter_interval;
    int64_t resamples, identities, seed;
} ErrorRates;

/* The least float that is no less: scores are floats, so as a threshold it accepts the same. */
float error_rates_threshold(double score);

/* A rate of counts, without an interval. */
ErrorRate error_rate_of(int64_t wrong, int64_t pairs);

/* A rate from the wrong pairs and the pairs of each resample, wrong[n] and pairs[n], of which the
 * 0th is what was measured; share[n] is overwritten. */
void error_rate_fill(ErrorRate *rate, const uint64_t *wrong, const uint64_t *pairs, double *share,
                     int n);

/* Of a scored comparison, of all pairs of its list if it has one. draws 0: no intervals. */
int error_rates_measure(ErrorRates *rates, float threshold, const Comparison *comparison,
                        int64_t draws, int64_t seed, Pool *pool, Err *err);

/* The same at each threshold[n], rates[n], in one walk over the scores. */
int error_rates_measure_each(ErrorRates *rates, const float *threshold, int n,
                             const Comparison *comparison, int64_t draws, int64_t seed, Pool *pool,
                             Err *err);

#endif
