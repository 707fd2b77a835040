/* The proof of a measurement: every score is made once more in double precision, from embeddings
 * that were not rounded, and counted one by one.
 *
 * It takes longer than the measurement itself, and memory for the embeddings in double. */
#ifndef VERIFY_RECOUNT_H
#define VERIFY_RECOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"
#include "scores/cosine.h"
#include "scores/scores.h"
#include "verify/roc.h"

enum { RECOUNT_ROWS = 1 << 15, RECOUNT_POINTS = 64 };

/* A threshold: the impostor of this rank. */
typedef struct RecountPoint {
    int64_t rank;
    RocVertex vertex; /* what was measured */
    bool counted;     /* counting one by one gives the same numbers of scores */
    double threshold; /* the impostor of this rank in double precision */
    int64_t genuine;  /* at or above it in double precision */
    int64_t moved;    /* genuine pairs on the other side of it than of the vertex's threshold */
    int64_t near;     /* of these, how many lie so near to it that rounding may move them */
} RecountPoint;

typedef struct Recount {
    double largest; /* |score - score in double precision| of all pairs */
    double bound;   /* what rounding may make of it: sqrt(d) + 8 units of 2^-24 */
    bool agrees;
} Recount;

/* Fills in point[n], n <= RECOUNT_POINTS, whose rank and vertex are set. Of all pairs of rows, at
 * most RECOUNT_ROWS; the scores are those of scores_all_pairs(rows). */
int recount_measure(Recount *recount, RecountPoint *point, int n, const Scores *scores,
                    const EmbeddingRows *rows, Pool *pool, Err *err);

#endif
