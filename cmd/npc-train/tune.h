/* Fine-tuning: which parameters learn how fast, and where the centres start. */
#ifndef CMD_NPC_TRAIN_TUNE_H
#define CMD_NPC_TRAIN_TUNE_H

#include "state.h"

/* Exits where an option is no pattern, or no pattern and factor. */
void tune_check(const Options *options);

/* Sets the rates of the parameters: of a new training and of a resumed one. */
int tune_rates(Run *run, Err *err);

/* Sets the centres of a new training; leaves those of a resumed one alone. */
int tune_centres(Run *run, Err *err);

#endif
