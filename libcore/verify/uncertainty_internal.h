/* How certain an evaluation is: its figures measured again in resamples of the identities, and
 * their differences from those of other embeddings of the same pairs. */
#ifndef VERIFY_UNCERTAINTY_INTERNAL_H
#define VERIFY_UNCERTAINTY_INTERNAL_H

#include "verify/evaluation_internal.h"
#include "verify/interval_internal.h"

/* A figure, its interval and, where there are other embeddings, theirs. */
typedef struct UncertainFigure {
    const char *measure, *convention; /* "tar", "blufr"; "eer"; "accuracy", "insightface" */
    double at;                        /* the FAR of a TAR, else NaN */
    double value;                     /* NaN: not measurable */
    Interval interval;
    double other; /* that of the other stream; the difference is value - other */
    Interval difference;
} UncertainFigure;

typedef struct Intervals {
    int64_t resamples, identities, seed;
    UncertainFigure *figure; /* [figures] TAR at each FAR, the EER, then accuracy by each rule, if
                                any */
    int figures;
    const char *versus; /* the other stream, or NULL */
} Intervals;

typedef struct Uncertainty Uncertainty;

/* `draws` resamples of the identities of this comparison, the same ones for a seed. NULL on
 * failure. */
Uncertainty *uncertainty_new(const Comparison *comparison, int64_t draws, int64_t seed, Err *err);
void uncertainty_free(Uncertainty *uncertainty); /* NULL is fine */

/* Measures the resamples of an evaluation by ROC_BLUFR, ROC_NEAREST or ROC_CONSERVATIVE, with its
 * curve: first that of the comparison above, then perhaps that of another with the same pairs. The
 * scores are not needed afterwards. */
int uncertainty_add(Uncertainty *uncertainty, const Evaluation *evaluation, Pool *pool, Err *err);

/* The intervals, once, of what was added. */
int uncertainty_intervals(Intervals *intervals, Uncertainty *uncertainty, Err *err);
void intervals_release(Intervals *intervals); /* safe on a zeroed one */

/* band[vertices] = the interval of TAR at each vertex of the first one's curve, once. */
void uncertainty_band(Interval *band, Uncertainty *uncertainty);

#endif
