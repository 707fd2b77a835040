/* Scored pairs in folds, and accuracy over them: the threshold that decides the pairs of a fold is
 * chosen on all the others. The rules in use, InsightFace's (insightface.h) and FaceX-Zoo's
 * (facexzoo.h), differ in the last digits. */
#ifndef VERIFY_FOLDS_INTERNAL_H
#define VERIFY_FOLDS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct FoldScores {
    int64_t n;
    const float *score; /* [n], cosines */
    const bool *same;   /* [n] */
    const int *fold;    /* [n], 0 .. folds - 1 */
    int folds;
    const uint32_t *weight; /* [n], how often each pair counts; NULL: once */
} FoldScores;

typedef struct FoldAccuracy {
    int64_t pairs;    /* as often as they count */
    double threshold; /* cosine, or squared distance for InsightFace's rule */
    double accuracy;  /* NaN without pairs, or where there is nothing to choose a threshold on */
} FoldAccuracy;

typedef struct Accuracy {
    int folds; /* those with an accuracy */
    double mean, spread;
} Accuracy;

static inline int64_t folds_weight(const FoldScores *scores, int64_t i)
{
    return scores->weight != NULL ? scores->weight[i] : 1;
}

/* The mean over the folds that have an accuracy, NaN when none has, and the standard deviation,
 * whose variance divides by their number less ddof. */
Accuracy folds_mean(const FoldAccuracy *fold, int folds, int ddof);

#endif
