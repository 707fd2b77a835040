/* InsightFace's rules over folds. Squared distance d = 2 - 2 cos, same when d < threshold; the
 * threshold of a fold is chosen on the other folds. Spread: population standard deviation over the
 * folds.
 *
 *   accuracy         thresholds 0, 0.01 ... 3.99, the first of the highest accuracy
 *   validation rate  at a FAR ("VAL@FAR"): thresholds 0, 0.001 ... 3.999. Between the last of them
 *                    with a lower FAR on the other folds and the first with the wanted one or a
 *                    higher, the threshold is on the straight line in FAR; it is 0 where that FAR
 *                    is never reached */
#ifndef VERIFY_INSIGHTFACE_INTERNAL_H
#define VERIFY_INSIGHTFACE_INTERNAL_H

#include "verify/folds_internal.h"

/* fold[scores->folds] and their mean; NaN when no fold has an accuracy. */
Accuracy insightface_accuracy(FoldAccuracy *fold, const FoldScores *scores);

typedef struct FoldValidation {
    double threshold; /* squared distance */
    double rate, far; /* of the fold's own pairs; NaN without both kinds in it and outside */
} FoldValidation;

typedef struct Validation {
    int folds; /* those with both kinds, in them and outside */
    double mean, spread, far;
} Validation;

/* fold[scores->folds] and their mean; NaN when no fold has one. */
Validation insightface_validation(FoldValidation *fold, const FoldScores *scores, double far);

#endif
