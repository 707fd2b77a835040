/* A run of npc-train: opens what it reads, makes the training, steps through the batches, saves. */
#ifndef CMD_NPC_TRAIN_RUN_H
#define CMD_NPC_TRAIN_RUN_H

#include "state.h"

/* Trains and writes the model. saved and net are released as soon as they are not needed. */
int run_all(Run *run, Err *err);
void run_release(Run *run); /* safe on a zeroed one */

#endif
