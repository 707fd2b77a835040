/* The pairs that a threshold decides wrongly: those farthest from it, the gravest, and those
 * nearest to it. */
#ifndef SCORES_HARDEST_INTERNAL_H
#define SCORES_HARDEST_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"
#include "scores/scores.h"

/* Grave: farthest from the threshold; close: nearest to it. In the order of their scores. */
typedef enum HardestKind {
    HARDEST_FALSE_ACCEPT_GRAVE,
    HARDEST_FALSE_ACCEPT_CLOSE,
    HARDEST_FALSE_REJECT_CLOSE,
    HARDEST_FALSE_REJECT_GRAVE,
    HARDEST_KINDS
} HardestKind;

typedef struct HardestPair {
    float score;
    int64_t a, b; /* the two rows, or whatever hardest_add() was given */
    HardestKind kind;
} HardestPair;

typedef struct Hardest {
    float threshold;
    bool above; /* scores must be above the threshold to be accepted, else at or above */
    int64_t n;  /* of each kind, at most */
    int workers;
    struct HardestHeap *heap; /* [workers,HARDEST_KINDS] */
    HardestPair *pair; /* [pairs] after hardest_end(): by score, the highest first; a pair that
                       is of both kinds once, as grave */
    int64_t pairs;
} Hardest;

int hardest_init(Hardest *hardest, float threshold, bool above, int64_t n, int workers, Err *err);
void hardest_add(Hardest *hardest, int worker, float score, int64_t a, int64_t b, bool genuine);
int hardest_end(Hardest *hardest, Err *err);
void hardest_release(Hardest *hardest); /* safe on a zeroed one */

/* Adds all pairs; a and b are the caller's rows. */
int hardest_walk(Hardest *hardest, const Scores *scores, Pool *pool, Err *err);

#endif
