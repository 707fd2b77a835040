/* Checkpoints: the last one under its own name, with --keep-last the last few under FILE.STEP too,
 * and with --on-divergence rewind the one to go back to under FILE.rewind. */
#ifndef CMD_NPC_TRAIN_CHECKPOINT_H
#define CMD_NPC_TRAIN_CHECKPOINT_H

#include "state.h"

/* Writes the checkpoint, unless the last one is of this very step. */
int checkpoint_write(Run *run, Err *err);

/* After a step: writes the checkpoints whose time it is. */
int checkpoint_step(Run *run, Err *err);

/* The name FILE.rewind. That file is of a step that is a multiple of --every, so that where a run
 * was interrupted makes no difference. In new memory, NULL on failure. */
char *checkpoint_rewind_name(const Run *run, Err *err);

/* Before the first step: writes FILE.rewind unless there is one to resume with. At the end: removes
 * it. */
int checkpoint_begin(Run *run, Err *err);
void checkpoint_end(const Run *run);

#endif
