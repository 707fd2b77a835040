/* Operating points: the threshold for each false match rate that was asked for, what was measured
 * at it and, from resamples at that same threshold, what it may give on other people; and the
 * figures of the field that need no target. */
#ifndef VERIFY_OPERATING_INTERNAL_H
#define VERIFY_OPERATING_INTERNAL_H

#include "verify/evaluation_internal.h"
#include "verify/separation_internal.h"

enum { OPERATING_MARKS = 5 };

/* ZeroFMR is the least FNMR without a false match, ZeroFNMR the least FMR without a false
 * non-match; FMR100 the least FNMR with an FMR of no more than 1 in 100, and so on. */
typedef struct OperatingMark {
    const char *name; /* "zero-fmr", "zero-fnmr", "fmr100", "fmr1000", "fmr10000" */
    ErrorRate rate;   /* NaN: not measurable */
    double threshold; /* a genuine score; NaN: not measurable, or above all genuine scores */
} OperatingMark;

typedef struct OperatingPoint {
    double far;
    bool measurable;
    float score;
    ErrorRates rates;
    bool few; /* fewer than 30 / far impostors: the rule of 30 */
} OperatingPoint;

typedef struct OperatingPoints {
    OperatingPoint *point; /* [n] */
    int n;
    bool cosines; /* what the scores are; else they come from elsewhere */
    OperatingMark mark[OPERATING_MARKS];
    double d_prime, youden, youden_score, min_cllr; /* NaN: not measurable */
} OperatingPoints;

/* At the readings of an evaluation. */
int operating_measure(OperatingPoints *points, const Evaluation *evaluation, int64_t draws,
                      int64_t seed, Pool *pool, Err *err);
void operating_release(OperatingPoints *points); /* safe on a zeroed one */

/* The threshold of a reading: at or above it is accepted. */
float operating_threshold(const RocReading *reading);

#endif
