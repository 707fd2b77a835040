/* Accuracy by folds: the threshold that decides the pairs of a fold is chosen on all the others.
 *
 * Two rules are in use, and differ in the last digits:
 *   InsightFace  squared distance d = 2 - 2 cos; thresholds 0, 0.01 ... 3.99; same when
 *                d < threshold; the first threshold of the highest accuracy. Spread: population
 *                standard deviation over the folds.
 *   FaceX-Zoo    cosine; 1000 thresholds in equal steps from the least to the largest score of
 *                the other folds; the first of the largest TPR - FPR; a score equal to the
 *                threshold counts as wrong. Spread: standard error, the sample standard deviation
 *                over the square root of the number of folds. */
#ifndef EVAL_FOLDS_H
#define EVAL_FOLDS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct FoldScores {
    int64_t n;
    const float *score; /* [n], cosines */
    const bool *same;   /* [n] */
    const int *fold;    /* [n], 0 .. folds - 1 */
    int folds;
    const uint32_t *weight; /* [n], how often each pair counts; NULL: once */
} FoldScores;

typedef struct Fold {
    int64_t pairs;    /* as often as they count */
    double threshold; /* cosine, or squared distance for InsightFace's rule */
    double accuracy;  /* NaN without pairs, or where there is nothing to choose a threshold on */
} Fold;

typedef struct Accuracy {
    int folds; /* those with an accuracy */
    double mean, spread;
} Accuracy;

/* fold[scores->folds] and its mean; NaN when no fold has an accuracy. */
Accuracy folds_insightface(Fold *fold, const FoldScores *scores);
Accuracy folds_facexzoo(Fold *fold, const FoldScores *scores);

#endif
