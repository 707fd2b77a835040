/* Verification: how many genuine pairs are accepted at how many false ones.
 *
 * The ROC is known at any impostor's score. A vertex is asked for by rank: the rank-th largest
 * impostor is its threshold, and it says how many scores of either kind are at or above it, and
 * how many are strictly above. Equal scores are accepted together. The conventions of the field
 * are different readings of these counts; the one used here by default is BLUFR's (Liao et al.,
 * IJCB 2014): with k = FAR * impostors, rounded, TAR is the share of the genuine scores at or
 * above the k-th largest impostor. */
#ifndef VERIFY_ROC_H
#define VERIFY_ROC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/api.h"
#include "base/err.h"
#include "base/pool.h"
#include "scores/scores.h"

API_BEGIN

typedef struct RocVertex {
    float threshold;
    int64_t impostor_at_least, impostor_above;
    int64_t genuine_at_least, genuine_above;
    int64_t genuine_next; /* strictly above the next lower impostor; all if there is none */
    /* The least of all scores above the next lower impostor, and of those above the threshold
     * (infinite where there is none). */
    float least_next, least_above;
} RocVertex;

typedef struct Roc {
    int64_t genuine, impostor; /* numbers of scores */
    /* Where the share of impostors accepted equals that of genuine pairs rejected, on the line
     * between the two neighbouring vertices of the ROC; NaN without scores of both kinds. */
    double eer;
    float eer_threshold; /* the lower of the two vertices */
    double auc;          /* exact, equal scores counted by half; NaN as above */
} Roc;

/* How TAR at a FAR is read. N impostors, T = FAR * N.
 *   blufr         k = T rounded: the genuine scores at or above the k-th largest impostor
 *   nearest       of all points of the ROC the one whose FAR is nearest, which may be above; of two
 *                 equally near the one of the larger FAR; there the largest TAR. This is what
 *                 InsightFace and FaceX-Zoo look for in the curve of IJB; their curve is that of
 *                 scikit-learn's roc_curve with drop_intermediate=False
 *   conservative  k = T rounded down: the genuine scores strictly above the (k + 1)-th largest
 *                 impostor, so that no more than k are accepted, ties or not
 *   dropped       the nearest point of the curve with drop_intermediate=True, scikit-learn's
 *                 default and so what their programs print. It drops the points within a straight
 *                 piece of the curve: those whose score has as many impostors and genuine pairs as
 *                 the next lower one. The nearest point kept may be far away
 *   histogram     scores in ROC_BINS equal bins from -1 to 1; TAR between the two edges next to the
 *                 FAR, on the straight line */
typedef enum RocRule {
    ROC_BLUFR,
    ROC_NEAREST,
    ROC_CONSERVATIVE,
    ROC_DROPPED,
    ROC_HISTOGRAM
} RocRule;

enum { ROC_BINS = 5000 };

typedef struct RocReading {
    double tar;       /* NaN without genuine scores */
    float threshold;  /* accepted are scores at or above it */
    bool above;       /* or only those above it, the impostor that bounds them */
    int64_t accepted; /* impostors; -1 between two edges of a histogram */
    int64_t accepted_genuine;
    double far;   /* as asked for */
    int64_t rank; /* of the vertex it is read from; 0: not measurable, all else is NaN or 0 */
} RocReading;

/* The name of a rule: "blufr". */
const char *roc_rule_name(RocRule rule);

/* The rank whose vertex this reading needs, or 0 where the FAR is below one of the impostors. */
int64_t roc_rule_rank(RocRule rule, double far, int64_t impostors);

/* The reading at that vertex, but for ROC_DROPPED and ROC_HISTOGRAM, which need more than it. */
RocReading roc_read(RocRule rule, double far, const Roc *roc, const RocVertex *vertex);

/* What is asked of the scores: readings at reading[n].far by a rule, and the vertices at
 * rank[ranks], each 1 .. number of impostors. */
typedef struct RocQuery {
    RocRule rule;
    int n;
    RocReading *reading;
    int ranks;
    const int64_t *rank;
    RocVertex *vertex;
} RocQuery;

/* Exact. A sample of the scores tells where to look, so that mostly one walk over all of them is
 * enough; ROC_DROPPED and ROC_HISTOGRAM may need another. */
int roc_query(Roc *roc, const RocQuery *query, const Scores *scores, Pool *pool, Err *err);

/* The same for vertices only. */
int roc_measure(Roc *roc, RocVertex *vertex, const int64_t *rank, int n, const Scores *scores,
                Pool *pool, Err *err);

/* Sets the EER from the vertex at which the error rates cross: accepting the scores above it FAR is
 * below FRR, accepting it too FAR is at least FRR. Needs the numbers of scores of both kinds. */
void roc_equal_error(Roc *roc, const RocVertex *crossing);

enum { ROC_CURVE_MAX = 640 }; /* 32 in each of the 19 decades of an int64_t, and the last */

/* rank[ROC_CURVE_MAX] = ranks to draw the curve through, ascending from 1 to the number of
 * impostors in steps of 1/32 decade at least. Returns how many. */
int roc_curve_ranks(int64_t *rank, int64_t impostors);

API_END

#endif
