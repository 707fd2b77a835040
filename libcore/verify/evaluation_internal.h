/* Verification measured: the figures of a comparison. */
#ifndef VERIFY_EVALUATION_INTERNAL_H
#define VERIFY_EVALUATION_INTERNAL_H

#include "verify/comparison_internal.h"
#include "verify/facexzoo_internal.h"
#include "verify/insightface_internal.h"
#include "verify/roc.h"

enum { EVALUATION_MORE = 3 };

typedef struct EvaluationAsk {
    RocRule rule;
    const double *far; /* [fars] */
    int fars;
    double more_far[EVALUATION_MORE]; /* further readings; 0: none */
    bool curve;                       /* the vertices of the curve, too */
} EvaluationAsk;

/* Accuracy over the folds of a list, of all of them or of the comparison's one. */
typedef struct FoldResults {
    int folds; /* of the list; 0: fewer than two, no accuracy */
    FoldAccuracy *insightface_fold, *facexzoo_fold; /* [folds] */
    Accuracy insightface, facexzoo;
    double validation_far; /* that of validation: InsightFace's 1e-3 */
    Validation validation;
} FoldResults;

typedef struct Evaluation {
    const Comparison *comparison; /* what was measured; must outlive this */
    RocRule rule;
    Roc roc;
    RocReading *reading; /* [readings] at the FARs that were asked for, then those at more_far */
    int readings;
    RocVertex *curve; /* [vertices] at roc_curve_ranks() */
    int vertices;
    FoldResults folds;
} Evaluation;

/* Of a scored comparison. No pairs at all are an error. */
int evaluation_measure(Evaluation *evaluation, const EvaluationAsk *ask,
                       const Comparison *comparison, Pool *pool, Err *err);
void evaluation_release(Evaluation *evaluation); /* safe on a zeroed one */

/* The reading at more_far[i]. */
static inline const RocReading *evaluation_more(const Evaluation *evaluation, int i)
{
    return &evaluation->reading[evaluation->readings + i];
}

#endif
