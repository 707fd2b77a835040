/* The configuration of a training: from the options, a model that is resumed, or a net to start
 * from. What none of them says, the data do: see run.c. */
#ifndef CMD_NPC_TRAIN_CONFIG_H
#define CMD_NPC_TRAIN_CONFIG_H

#include "state.h"

/* Opens the model of --resume or --checkpoint into *saved (zeroed), or the net of --init; sets
 * run->options to what the run will do. Exits where options are misused. */
int config_take(Run *run, SavedTraining *saved, Err *err);

#endif
