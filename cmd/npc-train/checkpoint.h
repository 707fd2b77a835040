/* Checkpoints: the last one under its own name, and with --keep-last the last few under FILE.STEP.
 */
#ifndef CMD_NPC_TRAIN_CHECKPOINT_H
#define CMD_NPC_TRAIN_CHECKPOINT_H

#include "state.h"

/* Writes the checkpoint, unless the last one is of this very step. */
int checkpoint_write(Run *run, Err *err);

/* The file to go back to after a divergence, FILE.rewind: a checkpoint of a multiple of --every, so
 * that where a run was interrupted makes no difference. In new memory, NULL on failure. */
char *checkpoint_rewind_name(const Run *run, Err *err);

/* Before the first step: there is such a file. */
int checkpoint_begin(Run *run, Err *err);

/* At the end it goes. */
void checkpoint_end(const Run *run);

/* The same after a step, if it is time for one. */
int checkpoint_step(Run *run, Err *err);

#endif
