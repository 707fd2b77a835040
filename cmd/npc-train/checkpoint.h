/* Checkpoints: the last one under its own name, and with --keep the last few under FILE.STEP. */
#ifndef CMD_NPC_TRAIN_CHECKPOINT_H
#define CMD_NPC_TRAIN_CHECKPOINT_H

#include "state.h"

/* Writes the checkpoint, unless the last one is of this very step. */
int checkpoint_write(Run *run, Err *err);

/* The same after a step, if it is time for one. */
int checkpoint_step(Run *run, Err *err);

#endif
