/* The training of a run as a model file, with its recipe and provenance. */
#ifndef CMD_NPC_TRAIN_SAVE_H
#define CMD_NPC_TRAIN_SAVE_H

#include "state.h"

/* The same with what a validation found, "MEASURE:VALUE", in the recipe. */
int save_validated(const Run *run, const char *path, const char *validated, Err *err);
/* The output: with --ema the average, which cannot be resumed from. */
int save_output(const Run *run, Err *err);
int save_model(const Run *run, const char *path, Err *err);

#endif
