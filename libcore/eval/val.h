/* InsightFace's validation rate at a FAR over folds ("VAL@FAR"): the threshold is chosen on the
 * other folds.
 *
 * Squared distance d = 2 - 2 cos, same when d < threshold; thresholds 0, 0.001 ... 3.999. Between
 * the last of them with a lower FAR on the other folds and the first with the wanted one or a
 * higher, the threshold is on the straight line in FAR; it is 0 where that FAR is never reached.
 * Spread: population standard deviation over the folds. */
#ifndef EVAL_VAL_H
#define EVAL_VAL_H

#include "eval/folds.h"

typedef struct ValFold {
    double threshold; /* squared distance */
    double val, far;  /* of the fold's own pairs; NaN without both kinds in it and outside */
} ValFold;

typedef struct Val {
    int folds; /* those with both kinds, in them and outside */
    double mean, spread, far;
} Val;

/* fold[scores->folds] and their mean; NaN when no fold has one. */
Val val_at_far(ValFold *fold, const FoldScores *scores, double far);

#endif
