/* What the files of the trainer share; not for others.
 *
 * trainer.c is the interface. trainer_slice.c runs one slice of the batch through a phase,
 * trainer_join.c adds up what the slices summed, trainer_linear.c runs linear layers,
 * trainer_fault.c finds where numbers are not finite. */
#ifndef NN_TRAINER_PARTS_INTERNAL_H
#define NN_TRAINER_PARTS_INTERNAL_H

#include "nn/plan_internal.h"
#include "nn/trainer_internal.h"

/* A batch is cut into this many slices, or one for each image if it has fewer. */
enum { SLICES = 16 };

/* A norm's statistics and coefficients for the current batch, [c] each. */
typedef struct NormState {
    double *mean, *var, *sums;
    real *scale, *shift, *center, *pull, *push;
} NormState;

struct Trainer {
    Graph *graph;
    Pool *pool;
    Kernels *kernels;
    Plan plan;
    int max_batch, n;
    const uint8_t *rgb;
    real *batch, *local, *scratch, *packed, *slices, *gradients, *coefficients;
    double *sums, *statistics;
    NormState *norms; /* by node */
    bool frozen_norms;
    bool drops;        /* this pass does, in layers that have dropout */
    real *kept_inputs; /* [max_batch, inputs] of such a layer, those that were dropped 0; or NULL */
    uint64_t drop_seed, drop_step;
    int drop_first;
    Profile *profile; /* or NULL */
};

/* A phase, or a step of one, shared out by the pool. */
typedef struct Share {
    Trainer *trainer;
    const Phase *phase;
    const Step *step;
} Share;

/* A PoolTask: one slice of the batch goes through share->phase. */
void trainer_run_slice(void *share, int64_t slice, int worker);

/* After a phase: statistics, sums and gradients of the batch from those of its slices. */
void trainer_join_slices(Trainer *t, const Phase *phase);

/* The one step of a phase for the whole batch. */
void trainer_run_linear(Trainer *t, const Step *step);

/* A worker's time since `since` at a step, to the profile if there is one; returns now. */
static inline double lap(const Trainer *t, const Step *step, int worker, double since)
{
    bool forward = !step->again && (step->kind == STEP_FORWARD || step->kind == STEP_MOMENTS);
    return profile_lap(t->profile, step->node, !forward, worker, since);
}

static inline int slice_count(const Trainer *t)
{
    return t->n < SLICES ? t->n : SLICES;
}

static inline int slice_begin(const Trainer *t, int64_t slice)
{
    return (int)(slice * t->n / slice_count(t));
}

static inline real *batch_tensor(const Trainer *t, int tensor)
{
    return tensor < 0 ? NULL : t->batch + t->plan.tensors[tensor].offset;
}

static inline double *slice_sums(const Trainer *t, int64_t slice, const Step *step)
{
    return t->sums + slice * t->plan.sums_length + step->sums;
}

static inline real *slice_gradient(const Trainer *t, int64_t slice, const Step *step)
{
    return t->slices + slice * t->plan.slice_length + step->slice;
}

#endif
