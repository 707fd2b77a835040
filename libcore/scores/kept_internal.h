/* The highest impostors, kept for those who come back for them.
 *
 * Who has found a threshold in a walk over all pairs mostly asks next which impostors it accepts:
 * one pair in thousands, for which another walk would compute every score again. So the walk that
 * counts keeps the pairs that may be asked for, if it was told how many those are. Nobody need know
 * whether it did: scores_walk_from() walks again where they were not kept. */
#ifndef SCORES_KEPT_INTERNAL_H
#define SCORES_KEPT_INTERNAL_H

#include "scores/scores.h"

/* Before they are counted: the `rank` highest impostors of all pairs will be asked for. */
void scores_keep(Scores *scores, int64_t rank);
int64_t scores_keep_rank(const Scores *scores); /* 0: none will */

/* scores_walk_share() over the impostors. Keeps those of `from` or more; none if that is infinite,
 * if they are more than are worth their memory, or of one process among several, which sees only
 * its share. */
int scores_walk_keeping(const Scores *scores, float from, Pool *pool, ScoreSink *sink, void *arg,
                        Err *err);

/* scores_walk_pairs() for callers who look only at impostors of `from` or more: others may be left
 * out. */
int scores_walk_from(const Scores *scores, ScoreKinds kinds, float from, Pool *pool, PairSink *sink,
                     void *arg, Err *err);

/* For the walk itself ------------------------------------------------------------------------- */

typedef struct KeptPair {
    int32_t place, column;
    float score;
} KeptPair;

/* All impostors of `from` or more; from is infinite where they were not kept. */
typedef struct Kept {
    float from;
    KeptPair *pair; /* [n] */
    int64_t n;
} Kept;

/* Those that one worker came by. */
typedef struct KeptPart {
    float from;
    KeptPair *pair; /* [n] */
    int64_t n, room;
    bool full; /* there were more than that */
} KeptPart;

/* Adds those of the row at one place with those at column .. column + n - 1. */
void kept_part_add(KeptPart *part, int64_t place, int64_t column, const float *score, int64_t n);

/* The parts in one, in place of what was kept before; releases the parts. */
void kept_join(Kept *kept, KeptPart *part, int parts);

/* Hands on those of `from` or more, kept->from at least. */
void kept_walk(const Kept *kept, float from, Pool *pool, PairSink *sink, void *arg);

#endif
