/* Verification: how many genuine pairs are accepted at how many false ones.
 *
 * The ROC is known at any impostor's score. A vertex is asked for by rank: the rank-th largest
 * impostor is its threshold, and it says how many scores of either kind are at or above it, and
 * how many are strictly above. Equal scores are accepted together. The conventions of the field
 * are different readings of these counts; the one used here by default is BLUFR's (Liao et al.,
 * IJCB 2014): with k = FAR * impostors, rounded, TAR is the share of the genuine scores at or
 * above the k-th largest impostor. */
#ifndef EVAL_ROC_H
#define EVAL_ROC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"
#include "eval/scores.h"

typedef struct RocVertex {
    float threshold;
    int64_t impostor_at_least, impostor_above;
    int64_t genuine_at_least, genuine_above;
    int64_t genuine_next; /* strictly above the next lower impostor; all if there is none */
} RocVertex;

typedef struct Roc {
    int64_t genuine, impostor; /* numbers of scores */
    /* Where the share of impostors accepted equals that of genuine pairs rejected, on the line
     * between the two neighbouring vertices of the ROC; NaN without scores of both kinds. */
    double eer;
    float eer_threshold; /* the lower of the two vertices */
    double auc;          /* exact, equal scores counted by half; NaN as above */
} Roc;

/* Measures the scores, and vertex[n] at rank[n], each 1 .. number of impostors. Exact. A sample of
 * the scores tells where to look, so that mostly one walk over all of them is enough. */
int roc_measure(Roc *roc, RocVertex *vertex, const int64_t *rank, int n, const Scores *scores,
                Pool *pool, Err *err);

/* How TAR at a FAR is read. N impostors, T = FAR * N.
 *   blufr         k = T rounded: the genuine scores at or above the k-th largest impostor
 *   nearest       of all points of the ROC the one whose FAR is nearest, which may be above; of two
 *                 equally near the one of the larger FAR; there the largest TAR. This is what
 *                 InsightFace and FaceX-Zoo print for IJB, from scikit-learn's roc_curve with
 *                 drop_intermediate=False.
 *   conservative  k = T rounded down: the genuine scores strictly above the (k + 1)-th largest
 *                 impostor, so that no more than k are accepted, ties or not */
typedef enum RocRule { ROC_BLUFR, ROC_NEAREST, ROC_CONSERVATIVE } RocRule;

typedef struct RocReading {
    double tar;
    float threshold;  /* the impostor that bounds it, itself accepted or not */
    bool above;       /* scores must be above the threshold; otherwise at or above */
    int64_t accepted; /* impostors */
} RocReading;

/* The name of a rule: "blufr". */
const char *roc_rule_name(RocRule rule);

/* The rank whose vertex this reading needs, or 0 where the FAR is below one of the impostors. */
int64_t roc_rule_rank(RocRule rule, double far, int64_t impostors);

/* The reading at that vertex. NaN without genuine scores. */
RocReading roc_read(RocRule rule, double far, const Roc *roc, const RocVertex *vertex);

/* The rank of BLUFR's threshold for this FAR, or 0 where the FAR cannot be measured: below one of
 * the impostors. */
int64_t roc_rank(double far, int64_t impostors);

enum { ROC_CURVE_MAX = 640 };

/* rank[ROC_CURVE_MAX] = ranks to draw the curve through, ascending from 1 to the number of
 * impostors in steps of 1/32 decade at least. Returns how many. */
int roc_curve_ranks(int64_t *rank, int64_t impostors);

#endif
