/* The expected performance curve (Bengio, Mariethoz and Keller, ICML 2005 workshop on ROC
 * analysis): for each alpha from 0 to 1 the threshold with the least alpha FMR + (1 - alpha) FNMR
 * on scores of a development set, and what it gives on others. Unlike a ROC of the others it
 * promises nothing that only they could tell. */
#ifndef VERIFY_EPC_INTERNAL_H
#define VERIFY_EPC_INTERNAL_H

#include "verify/error_rates_internal.h"

enum { EPC_STEPS = 100, EPC_POINTS = EPC_STEPS + 1 };

typedef struct EpcPoint {
    double alpha;
    float threshold; /* a genuine score of the development set, or just above its impostors */
    ErrorRate set_fmr, set_fnmr; /* there */
    ErrorRates rates;            /* on the others; NaN without pairs of a kind, no intervals */
} EpcPoint;

/* point[EPC_POINTS] by ascending alpha. Of thresholds that cost the same, the one of the least FMR
 * + FNMR, then the highest genuine score. Both are scored; a development set without pairs of both
 * kinds is an error. */
int epc_measure(EpcPoint *point, const Comparison *dev, const Comparison *others, Pool *pool,
                Err *err);

/* The cost of both rates. */
static inline double epc_cost(double alpha, double fmr, double fnmr)
{
    return alpha * fmr + (1 - alpha) * fnmr;
}

#endif
