/* The learning rate of every step. */
#ifndef TRAIN_SCHEDULE_INTERNAL_H
#define TRAIN_SCHEDULE_INTERNAL_H

#include <stdint.h>

#include "base/err.h"

enum { SCHEDULE_MILESTONES = 32 };

typedef enum ScheduleKind {
    SCHEDULE_STEPS,      /* times `gamma` after each milestone, the recipe of FaceX-Zoo */
    SCHEDULE_POLYNOMIAL, /* (1 - t)^power to the end, arcface_torch with power 1 */
    SCHEDULE_COSINE      /* (1 + cos(pi t)) / 2 to the end, PyTorch's CosineAnnealingLR to 0 */
} ScheduleKind;

typedef struct Schedule {
    ScheduleKind kind;
    double lr;                              /* the base rate */
    int milestones;                         /* milestone[i]: the rate falls when that many epochs */
    int64_t milestone[SCHEDULE_MILESTONES]; /* are done, counting from 0, as MultiStepLR does */
    double gamma;
    double power;
    int64_t warmup; /* steps in which the rate rises linearly to lr, the first step lr/warmup */
    int64_t total;  /* steps in all, for the last two; the warm-up is not part of their decay */
} Schedule;

/* Reads "10,13,16" into the milestones: rising numbers of epochs. */
int schedule_parse_milestones(Schedule *schedule, const char *text, Err *err);

/* The rate of step number `step` (from 0), which lies in epoch number `epoch` (from 0). */
double schedule_rate(const Schedule *schedule, int64_t step, int64_t epoch);

#endif
