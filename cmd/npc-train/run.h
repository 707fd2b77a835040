/* A run of npc-train: opens what it reads, makes the training, steps through the batches, saves. */
#ifndef CMD_NPC_TRAIN_RUN_H
#define CMD_NPC_TRAIN_RUN_H

#include "report.h"
#include "train/saved.h"

typedef struct Run {
    Options *options;
    SavedTraining *saved; /* to go on from, or NULL */
    Graph *net;           /* to begin with, or NULL */
    Pool *pool;
    Training *training;
    Feed feed;
    Report report;
    Progress progress;
    int64_t *label;  /* of the batch at hand */
    int64_t resumed; /* steps that were done before */
} Run;

/* Trains and writes the model. saved and net are released as soon as they are not needed. */
int run_all(Run *run, Err *err);
void run_release(Run *run); /* safe on a zeroed one */

#endif
