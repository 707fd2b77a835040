/* Scores inside this folder: a sample for guesses, and the shares of processes. */
#ifndef SCORES_SCORES_INTERNAL_H
#define SCORES_SCORES_INTERNAL_H

#include "comm/comm_internal.h"
#include "scores/scores.h"

enum { SCORES_SAMPLE = 1 << 20 };

/* out[SCORES_SAMPLE] = impostors of rows drawn from everywhere, the same ones every time: enough to
 * guess where thresholds will be. Returns how many, 0 where guessing is not worth it, -1 on
 * failure. */
int64_t scores_sample(float *out, const Scores *scores, Pool *pool, Err *err);

/* scores_walk() over this process's share, see scores_share(). */
int scores_walk_share(const Scores *scores, ScoreKinds kinds, Pool *pool, ScoreSink *sink,
                      void *arg, Err *err);
Comm *scores_comm(const Scores *scores);

#endif
