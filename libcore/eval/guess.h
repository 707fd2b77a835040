/* Where thresholds will be, from a sample of the impostors: so that one walk over all of them is
 * mostly enough. */
#ifndef EVAL_GUESS_H
#define EVAL_GUESS_H

#include "eval/roc.h"
#include "eval/tally.h"

/* Marks the cells in which the impostors of rank[n] and the equal error rate should lie. A guess
 * that proves wrong costs a second walk, nothing else; so does none, for few scores or many
 * ranks. */
int guess_mark(Tally *tally, const Roc *roc, const int64_t *rank, int n, const Scores *scores,
               Pool *pool, Err *err);

#endif
