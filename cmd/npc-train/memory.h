/* Before a training run begins: how much memory it will take, and whether there is enough. */
#ifndef CMD_NPC_TRAIN_MEMORY_H
#define CMD_NPC_TRAIN_MEMORY_H

#include "options.h"

/* Says what the training will need, and refuses what exceeds --max-memory or the machine. What is
 * left over is given to the head for its cosines (training.head_memory). `held` bytes are in use
 * already, by a model that was read: they count in --max-memory. */
int memory_plan(Options *options, Kernels *kernels, size_t held, Err *err);

#endif
