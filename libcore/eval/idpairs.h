/* Scored pairs with the identities of both sides, whether they are all pairs or those of a list.
 * Identities are numbered from 0 here. */
#ifndef EVAL_IDPAIRS_H
#define EVAL_IDPAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"
#include "eval/resample.h"
#include "eval/scores.h"

/* The pairs of a list; nothing is owned. */
typedef struct IdPairsList {
    int64_t n;
    const float *score;           /* [n] */
    const bool *same;             /* [n] */
    const int32_t (*identity)[2]; /* [n] */
} IdPairsList;

typedef struct IdPairs {
    const Scores *scores; /* all pairs, or NULL: the list */
    int32_t *identity;    /* of each place of the scores */
    IdPairsList list;
    int32_t identities;
} IdPairs;

/* Identities in the order of their labels. */
int idpairs_all_pairs(IdPairs *pairs, const Scores *scores, Err *err);
void idpairs_free(IdPairs *pairs); /* safe on a zeroed one */

/* Takes score[n] of pairs of the identity a with the identities b[n], all of one kind. Called by
 * several workers at a time. */
typedef void IdPairsSink(void *arg, int worker, int32_t a, const int32_t *b, const float *score,
                         int64_t n, bool genuine);

int idpairs_walk(const IdPairs *pairs, ScoreKinds kinds, Pool *pool, IdPairsSink *sink, void *arg,
                 Err *err);

/* The number of genuine and of impostor pairs in each resample: count[resample->lanes] */
void idpairs_count(uint64_t *genuine, uint64_t *impostor, const IdPairs *pairs,
                   const Resample *resample);

#endif
