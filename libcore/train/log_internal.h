/* The log of a training run: a TSV with a line for every few steps, which a plot can read while
 * the run goes on. */
#ifndef TRAIN_LOG_INTERNAL_H
#define TRAIN_LOG_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

/* Means over the steps since the line before, of which `step`, counted from 1, is the last. What
 * is not finite is written as NA. */
typedef struct LogLine {
    int64_t step, epoch;
    double images_per_second;
    double waiting; /* share of the time spent waiting for data */
    double lr, loss, own_cosine, hard, margin, gradient;
    double correlation; /* of own cosines and hard negatives, see head_correlation() */
    double nearest;     /* the same of own cosines and those of the nearest negatives */
    double distil;      /* TrainingStats.distil */
    double norm[3];     /* TrainingStats.norm */
    double past_pi, top1;
    int64_t rewinds; /* so far */
} LogLine;

typedef struct TrainLog {
    FILE *f;
    char *path;
    const char *heading; /* borrowed */
} TrainLog;

/* The heading of the lines that log_put() writes. */
extern const char *const log_of_steps;

/* Is it something other than a regular file ("-", a fifo, a descriptor, a device)? */
bool log_is_stream(const char *path);

/* Begins the log, or goes on with one that is there: its lines up to step `done` stay, those
 * after it (of a run that was killed after its last checkpoint) go. done = 0 starts anew, and a
 * stream is begun anew each time. The heading ends in a newline; its first column is the step. A
 * log of an earlier version, which has only the first columns of it, gets the others as NA. */
int log_open(TrainLog *log, const char *path, const char *heading, int64_t done, Err *err);

/* Removes the lines of later steps than `done`, unless it is a stream. */
int log_back(TrainLog *log, int64_t done, Err *err);

/* Writes a line of a log of steps. */
int log_put(TrainLog *log, const LogLine *line, Err *err);

/* For lines of another heading. Writes a tab and a number, NA for what is not finite; ends the
 * line.
 */
void log_number(TrainLog *log, const char *format, double value);
int log_end_line(TrainLog *log, Err *err);
int log_close(TrainLog *log, Err *err); /* safe on a zeroed log */

#endif
