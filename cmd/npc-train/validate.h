/* --validate: every few steps the net is measured on other faces, and the best model so far kept.
 */
#ifndef CMD_NPC_TRAIN_VALIDATE_H
#define CMD_NPC_TRAIN_VALIDATE_H

#include "state.h"

/* Among the options: is --keep-best one of the measures? Exits if not. */
void validate_check(const Options *options);

/* Before the first step; a new run is validated then. */
int validate_begin(Run *run, Err *err);

/* After a step, if it is time; at the end, unless that step was. */
int validate_step(Run *run, Err *err);
int validate_last(Run *run, Err *err);

/* After going back to an earlier step. */
int validate_back(Run *run, Err *err);
void validate_end(Run *run); /* safe on a zeroed one */

#endif
