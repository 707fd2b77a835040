/* What a training run says of its steps: means over every few of them, to the terminal and to the
 * log. */
#ifndef CMD_NPC_TRAIN_REPORT_H
#define CMD_NPC_TRAIN_REPORT_H

#include "feed.h"
#include "train/log_internal.h"

typedef struct Report {
    TrainLog log;
    LogLine line; /* sums since the last line */
    HeadPairing pairing, nearest;
    bool distils; /* there is a teacher */
    HeadTraits traits;
    int rewinds;
    int64_t epochs; /* in all, 0: not known */
    int64_t steps, images;
    double begun, waited;
    /* own cosines of the last steps after the warm-up */
    double cosines;
    int64_t counted;
    bool warned;
} Report;

/* path may be NULL: no log. `done` steps were done before. */
int report_open(Report *report, const char *path, int64_t done, const HeadInfo *head, Err *err);
void report_close(Report *report); /* safe on a zeroed one */

/* Adds a step on the feed's current batch. */
void report_add(Report *report, const TrainingStats *stats, double lr, const Feed *feed);

/* Warns, once, when embeddings have turned away from their own centres: `stats` of a step after the
 * warm-up. */
void report_watch(Report *report, const TrainingStats *stats, const TrainingConfig *config);

/* Writes the line that ends with step number `step`, if there is anything to write, and begins
 * another one. */
int report_line(Report *report, int64_t step, const Feed *feed, Err *err);

/* After going back to step `done` (--on-divergence), for the `rewinds`-th time: the log goes back
 * too. */
int report_back(Report *report, int64_t done, int rewinds, const Feed *feed, Err *err);

#endif
