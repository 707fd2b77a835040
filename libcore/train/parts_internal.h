/* Inside a training, for the files of this folder. */
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
    real *gradient;     /* [batch, embedding]: dL / dembedding */
    double *norm;       /* [batch]: the lengths of the embeddings */
    Divergence divergence;
    bool watched;        /* `divergence` goes into the model file */
    Distil *distil;      /* or NULL */
    const float *target; /* the teacher's embeddings of the batch; borrowed */
    int64_t steps;

    /* Where the net computes a batch in parts, else NULL. */
    real *embedding; /* [batch, embedding] */
    real *values;    /* copies of the graph's values and counts while parts are computed again */
    int64_t *counts;

    /* The model that is resumed from. */
    char past_kernels[KERNELS_TEXT]; /* what computed its steps */
    int64_t past_steps;              /* how many it has */

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

/* After a step: moves the average, if there is one, towards the net. */
void training_average(Training *training);

#endif
