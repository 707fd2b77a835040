/* Error against discard (ISO/IEC 29794-1): FNMR of the pairs that are left when those of the lowest
 * quality are put aside. The quality of a pair is the lower one of its two faces; pairs of one
 * quality are put aside together. */
#ifndef VERIFY_DISCARD_INTERNAL_H
#define VERIFY_DISCARD_INTERNAL_H

#include "verify/comparison_internal.h"
#include "verify/roc.h"

/* At 0, 1 ... 20 %, then 30, 40 and 50 %: the most that can be put aside without more than that. */
enum { DISCARD_POINTS = 24 };

typedef struct DiscardPoint {
    double share;         /* of genuine pairs that are put aside */
    double above;         /* left are pairs of a higher quality; -INFINITY: all */
    int64_t wrong, pairs; /* genuine ones that are left */
    double fnmr;          /* at the threshold of all pairs */
    double reset_fnmr; /* at one that keeps the FMR of those that are left; NaN: not measurable */
    float reset_threshold;
} DiscardPoint;

typedef struct Discard {
    DiscardPoint point[DISCARD_POINTS]; /* those whose shares differ */
    int points;
    double area, ideal; /* the mean FNMR up to 20 %, and that of a quality which knows the errors */
} Discard;

/* quality[rows] of the embeddings, which must still be there. Genuine pairs below the threshold are
 * wrong; far is that of the second rule, NaN for none. Impostors at or above `from` are kept at
 * hand, if they are not too many, so that the second rule need not compare all pairs again at each
 * point: a score that some times as many of them reach as are accepted will do; INFINITY: none. The
 * outcome does not depend on it. */
int discard_measure(Discard *discard, const Comparison *comparison, const double *quality,
                    float threshold, RocRule rule, double far, float from, Pool *pool, Err *err);

#endif
