/* The proof of a measurement: every score is made once more in double precision, from embeddings
 * that were not rounded, and counted one by one.
 *
 * It takes longer than the measurement itself, and memory for the embeddings in double. */
#ifndef EVAL_PROOF_H
#define EVAL_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"
#include "eval/roc.h"
#include "eval/scores.h"
#include "scores/cosine.h"

enum { PROOF_ROWS = 1 << 15, PROOF_POINTS = 64 };

/* A threshold: the impostor of this rank. */
typedef struct ProofPoint {
    int64_t rank;
    RocVertex vertex; /* what was measured */
    bool counted;     /* counting one by one gives the same numbers of scores */
    double threshold; /* the impostor of this rank in double precision */
    int64_t genuine;  /* at or above it in double precision */
    int64_t moved;    /* genuine pairs on the other side of it than of the vertex's threshold */
    int64_t near;     /* of these, how many lie so near to it that rounding may move them */
} ProofPoint;

typedef struct Proof {
    double largest; /* |score - score in double precision| of all pairs */
    double bound;   /* what rounding may make of it: sqrt(d) + 8 units of 2^-24 */
    bool agrees;
} Proof;

/* Fills in point[n], n <= PROOF_POINTS, whose rank and vertex are set. Of all pairs of rows, at
 * most PROOF_ROWS; the scores are those of scores_all_pairs(rows). */
int proof_measure(Proof *proof, ProofPoint *point, int n, const Scores *scores,
                  const EmbeddingRows *rows, Pool *pool, Err *err);

#endif
