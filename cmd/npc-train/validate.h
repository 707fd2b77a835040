/* --validate: every few steps the net is measured on other faces, and the best model so far kept.
 */
#ifndef CMD_NPC_TRAIN_VALIDATE_H
#define CMD_NPC_TRAIN_VALIDATE_H

#include "state.h"

/* Exits where the options of validation do not fit each other. */
void validate_check(const Options *options);

/* Before the first step; a new run is validated then. */
int validate_begin(Run *run, Err *err);

/* After a step: validates if it is time. At the end: validates unless the last step was. */
int validate_step(Run *run, Err *err);
int validate_last(Run *run, Err *err);

/* After going back to an earlier step (--on-divergence): its log goes back too. */
int validate_back(Run *run, Err *err);
void validate_end(Run *run); /* safe on a zeroed one */

#endif
