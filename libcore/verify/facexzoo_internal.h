/* FaceX-Zoo's accuracy over folds.
 *
 * Cosines; 1000 thresholds in equal steps from the least to the largest score of the other folds;
 * the first of the largest TPR - FPR; a score equal to the threshold counts as wrong. Spread:
 * standard error, the sample standard deviation over the square root of the number of folds. */
#ifndef VERIFY_FACEXZOO_INTERNAL_H
#define VERIFY_FACEXZOO_INTERNAL_H

#include "verify/folds_internal.h"

/* fold[scores->folds] and their mean; NaN when no fold has an accuracy. */
Accuracy facexzoo_accuracy(FoldAccuracy *fold, const FoldScores *scores);

#endif
