/* What was measured, measured again in every resample of the identities
 * (scores/resample_internal.h).
 *
 * All resamples are measured together, in a few walks over the scores. The first one counts the
 * impostors of each resample between the vertices of the curve
 * (scores/resampled_counts_internal.h); where the wanted thresholds are follows from that, and only
 * there the counts are made finer, until the impostors around each threshold can be collected. So
 * TAR, the EER and their thresholds are exact order statistics of the resample, in memory that does
 * not grow with the number of impostors. */
#ifndef VERIFY_BOOTSTRAP_INTERNAL_H
#define VERIFY_BOOTSTRAP_INTERNAL_H

#include "scores/identity_pairs_internal.h"
#include "scores/resample_internal.h"
#include "verify/roc.h"

typedef struct BootstrapAsk {
    RocRule rule;
    const double *far; /* [fars]; each measurable on the whole. A resample's k is 1 at least. */
    int fars;
    const RocVertex *curve; /* [vertices] at roc_curve_ranks() */
    int vertices;
    bool band; /* measure TAR along the curve, too */
} BootstrapAsk;

/* NaN where a resample has no pairs of a kind. The 0th of each is what was measured. */
typedef struct Bootstrap {
    double *tar;  /* [fars,n] */
    double *eer;  /* [n] */
    double *band; /* [vertices,n] TAR at each vertex's FAR, on the straight line between the nearest
                     FARs that were counted; or NULL */
} Bootstrap;

int bootstrap_measure(Bootstrap *bootstrap, const BootstrapAsk *ask, const IdentityPairs *pairs,
                      const Resample *resample, Pool *pool, Err *err);
void bootstrap_release(Bootstrap *bootstrap); /* safe on a zeroed one */

#endif
