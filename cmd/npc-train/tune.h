/* Fine-tuning: which parameters learn how fast, and where the centres start. */
#ifndef CMD_NPC_TRAIN_TUNE_H
#define CMD_NPC_TRAIN_TUNE_H

#include "state.h"

/* Exits where a pattern or a factor is none. */
void tune_check(const Options *options);

/* Of every training that is made: the rates. */
int tune_rates(Run *run, Err *err);

/* Of a new one: the centres. */
int tune_centres(Run *run, Err *err);

#endif
