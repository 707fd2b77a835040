/* --on-divergence: what to do when numbers are no longer finite or the loss runs away. */
#ifndef CMD_NPC_TRAIN_DIVERGE_H
#define CMD_NPC_TRAIN_DIVERGE_H

#include "state.h"

/* How often a run goes back at most; each time the rates are halved. */
enum { MOST_REWINDS = 5 };

/* With --on-divergence rewind losses are watched, and a model that is saved has them. */
void diverge_watch(Run *run);

/* Before the first step: what the model that is resumed from says of earlier rewinds, and with
 * --on-divergence rewind a checkpoint to go back to. */
int diverge_begin(Run *run, Err *err);

/* What the rate of a step is multiplied with. */
double diverge_rate(const Run *run);

/* After a step that diverged for the reason `why`: fails with it, or goes back to the checkpoint;
 * the feed then begins behind it. */
int diverge(Run *run, const char *why, Err *err);

#endif
