/* What a step of several processes should take, told before the first one. */
#ifndef TRAIN_FORECAST_INTERNAL_H
#define TRAIN_FORECAST_INTERNAL_H

#include "comm/comm_internal.h"
#include "train/training.h"

typedef struct Forecast {
    double net, head; /* seconds that the slowest process computes, */
    double waiting;   /* and that it waits for others */
} Forecast;

/* The part of a step that is waiting. */
static inline double forecast_share(const Forecast *f)
{
    return f->waiting / (f->net + f->head + f->waiting);
}

/* Seconds that a step waits for what it sends:
 *
 *     messages latency + bytes / bandwidth + max(0, gradients / bandwidth - 2/3 net)
 *
 * Gradients travel while the backward pass goes on, two thirds of what the net takes. */
double forecast_waiting(const TrainingTraffic *traffic, double net, const CommSpeed *speed);

/* Computation is told by training a copy of the net on some grey images, for a fraction of a second
 * or twice, and by what multiply-adds in registers reach. All processes of the training at a time,
 * because they may share a machine. Changes nothing of the training. */
int forecast_make(Forecast *forecast, const Training *training, const CommSpeed *speed, Err *err);

#endif
