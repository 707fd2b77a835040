/* A run as one of several processes: what the first one does alone, and what all must agree on. */
#ifndef CMD_NPC_TRAIN_JOB_H
#define CMD_NPC_TRAIN_JOB_H

#include "state.h"

/* Joins the other processes, where there are any. Files are written by the first one alone. */
int job_begin(Run *run, Err *err);

/* Leaves the others, when all are done. */
void job_leave(Run *run);

/* Ends all processes, unless this one has done what it should. */
void job_end(Run *run, int status);

static inline bool job_first(const Run *run)
{
    return comm_rank(run->comm) == 0;
}

/* What the first process says, everywhere. */
bool job_agree(const Run *run, bool first_says);

/* The largest of what all processes say. */
int job_most(const Run *run, int number);

/* Processes that compute with other kernels or other data, or for another model, would not notice
 * until the end. */
int job_check(const Run *run, Err *err);

/* Says what connects the processes, and what they will cost a step: measures for half a second,
 * unless the first one is to be quiet. */
int job_introduce(const Run *run, Err *err);

/* From here on this process is at `stage`, of which --stall speaks. It may take longer where it is
 * `patient`: others wait for the first process. */
void job_stage(const char *stage, bool patient);

#endif
