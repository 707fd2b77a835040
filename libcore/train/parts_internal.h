/* Inside a training: what training.c and saved.c share. */
#ifndef TRAIN_PARTS_INTERNAL_H
#define TRAIN_PARTS_INTERNAL_H

#include "nn/graph_internal.h"
#include "nn/trainer_internal.h"
#include "train/distil_internal.h"
#include "train/divergence_internal.h"
#include "train/training.h"

/* Of the text that says which kernels computed a training. */
enum { KERNELS_TEXT = 512 };

struct Training {
    TrainingConfig config;
    Pool *pool;
    Kernels *kernels;
    Graph *graph;
    Trainer *trainer;
    Head *head;
    real *average;      /* as PyTorch's AveragedModel: like graph->values, NULL without ema */
    double *rate;       /* by parameter: what the learning rate is multiplied with */
    DescentState state; /* updates are counted by the head */
    real *gradient;     /* [batch, embedding] of the embeddings */
    double *norm;       /* [batch] of the embeddings */
    bool watched;       /* the window of losses goes into its files */
    Divergence divergence;
    Distil *distil;      /* or NULL */
    const float *target; /* borrowed */
    real *embedding; /* [batch, embedding]; this and the next two for batches in parts, else NULL */
    real *values;    /* of the graph, while parts are computed again */
    int64_t *counts;
    int64_t steps;
    char past_kernels[KERNELS_TEXT]; /* of the model that was gone on from, with its steps */
    int64_t past_steps;
    Profile *profile; /* or NULL */
};

/* The net that is written and measured: the average over the steps where there is one. It borrows
 * everything. */
static inline Graph training_net(const Training *training)
{
    Graph net = *training->graph;
    if (training->average != NULL)
        net.values = training->average;
    return net;
}

/* After a step. */
void training_average(Training *training);

#endif
