/* The training of a run as a model file, with its recipe and provenance. */
#ifndef CMD_NPC_TRAIN_SAVE_H
#define CMD_NPC_TRAIN_SAVE_H

#include "state.h"

/* The recipe of this run; false where it does not fit. */
bool save_recipe(const Run *run, char text[RECIPE_TEXT]);

/* All of the training: what a run can resume from. */
int save_model(const Run *run, const char *path, Err *err);

/* The output: the same, but with --ema the average in place of the net, and no way to resume. */
int save_output(const Run *run, Err *err);

/* The best model so far: like the output, with what the validation found, "MEASURE:VALUE", in the
 * recipe. */
int save_validated(const Run *run, const char *path, const char *validated, Err *err);

#endif
