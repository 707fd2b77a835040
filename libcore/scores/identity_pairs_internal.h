/* Scored pairs with the identities of both sides, whether they are all pairs or those of a list.
 * Identities are numbered from 0 here. */
#ifndef SCORES_IDENTITY_PAIRS_INTERNAL_H
#define SCORES_IDENTITY_PAIRS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"
#include "scores/resample_internal.h"
#include "scores/scores.h"

/* The pairs of a list; nothing is owned. */
typedef struct IdentityPairsList {
    int64_t n;
    const float *score;           /* [n] */
    const bool *same;             /* [n] */
    const int32_t (*identity)[2]; /* [n] */
} IdentityPairsList;

typedef struct IdentityPairs {
    const Scores *scores; /* all pairs, or NULL: the list */
    int32_t *identity;    /* of each place of the scores */
    IdentityPairsList list;
    int32_t identities;
} IdentityPairs;

/* Identities in the order of their labels. */
int identity_pairs_init(IdentityPairs *pairs, const Scores *scores, Err *err);
void identity_pairs_release(IdentityPairs *pairs); /* safe on a zeroed one */

/* Takes score[n] of pairs of the identity a with the identities b[n], all of one kind. Called by
 * several workers at a time. */
typedef void IdentityPairsSink(void *arg, int worker, int32_t a, const int32_t *b,
                               const float *score, int64_t n, bool genuine);

int identity_pairs_walk(const IdentityPairs *pairs, ScoreKinds kinds, Pool *pool,
                        IdentityPairsSink *sink, void *arg, Err *err);

/* The same for callers who look only at impostors of `from` or more: others may be left out. */
int identity_pairs_walk_from(const IdentityPairs *pairs, ScoreKinds kinds, float from, Pool *pool,
                             IdentityPairsSink *sink, void *arg, Err *err);

/* The number of genuine and of impostor pairs in each resample: count[resample->lanes] */
void identity_pairs_count(uint64_t *genuine, uint64_t *impostor, const IdentityPairs *pairs,
                          const Resample *resample);

#endif
