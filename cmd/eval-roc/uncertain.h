/* --bootstrap and --versus: what was measured, in resamples of the identities. */
#ifndef CMD_EVAL_ROC_UNCERTAIN_H
#define CMD_EVAL_ROC_UNCERTAIN_H

#include "eval-roc/compared.h"
#include "scores/resample_internal.h"
#include "verify/bootstrap_internal.h"

typedef struct Uncertain {
    Resample resample;
    int32_t (*identity)[2]; /* of the pairs of a list */
    Bootstrap roc[2];       /* of the stream and of the one it is compared with */
    double *accuracy[2];    /* [2,n] by InsightFace's and FaceX-Zoo's rule; NULL without folds */
    Intervals intervals;
} Uncertain;

/* The same resamples for whatever is added. */
int uncertain_begin(Uncertain *uncertain, const Compared *compared, int64_t draws, int64_t seed,
                    Err *err);

/* Measures the resamples of stream 0 or 1. vertex[n] is its curve. */
int uncertain_add(Uncertain *uncertain, int stream, const Compared *compared, const Report *report,
                  const RocVertex *vertex, int n, Pool *pool, Err *err);

/* Fills uncertain->intervals, which then is `report`'s. other: the second stream, or NULL. */
int uncertain_report(Uncertain *uncertain, Report *report, const Report *other, Err *err);

/* The interval of TAR at each vertex of stream 0's curve. Once. */
void uncertain_band(Interval *band, const Uncertain *uncertain, int n);

void uncertain_free(Uncertain *uncertain); /* safe on a zeroed one */

#endif
