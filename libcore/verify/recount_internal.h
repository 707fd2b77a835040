/* The proof of a measurement: every score is made once more in double precision, from embeddings
 * that were not rounded, and counted one by one.
 *
 * It takes longer than the measurement itself, and memory for the embeddings in double. */
#ifndef VERIFY_RECOUNT_INTERNAL_H
#define VERIFY_RECOUNT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"
#include "scores/cosine.h"
#include "scores/scores.h"
#include "verify/roc.h"

enum { RECOUNT_ROWS = 1 << 15, RECOUNT_POINTS = 64 };

/* A threshold: the impostor of the rank that BLUFR's convention takes for this FAR. */
typedef struct RecountPoint {
    double far;
    int64_t rank;
    RocVertex vertex; /* what was measured */
    bool counted;     /* counting one by one gives the same numbers of scores */
    double threshold; /* the impostor of this rank in double precision */
    int64_t genuine;  /* at or above it in double precision */
    int64_t moved;    /* genuine pairs on the other side of it than of the vertex's threshold */
    int64_t near;     /* of these, how many are so near that rounding may have moved them */
} RecountPoint;

typedef struct Recount {
    Roc roc;
    RecountPoint point[RECOUNT_POINTS];
    int points;     /* of the FARs that can be measured */
    double largest; /* |score - score in double precision| of all pairs */
    double bound;   /* what rounding may make of it: sqrt(d) + 8 units of 2^-24 */
    bool agrees;    /* nothing differs by more than rounding explains */
} Recount;

/* Of all pairs of rows, at most RECOUNT_ROWS; the scores are those of scores_all_pairs(rows). The
 * same at far[n], n <= RECOUNT_POINTS. No FAR that can be measured, or no genuine pair, is an
 * error. */
int recount_measure(Recount *recount, const double *far, int n, const Scores *scores,
                    const EmbeddingRows *rows, Pool *pool, Err *err);

#endif
