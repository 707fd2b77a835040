/* What the files of the trainer share; not for others.
 *
 * trainer.c is the interface. trainer_slice.c runs one slice of the batch through a phase,
 * trainer_join.c adds up what the slices summed, trainer_norm.c what they summed for batch norm,
 * trainer_linear.c runs linear layers, trainer_rows.c says which rows are whose, trainer_fault.c
 * finds where numbers are not finite. */
#ifndef NN_TRAINER_PARTS_INTERNAL_H
#define NN_TRAINER_PARTS_INTERNAL_H

#include "comm/later_internal.h"
#include "nn/plan_internal.h"
#include "nn/trainer_internal.h"

/* A norm's statistics and coefficients for the current batch, or a group of its slices, [c] each.
 */
typedef struct NormState {
    double *mean, *var, *sums;
    real *scale, *shift, *center, *pull, *push;
    double *own_mean, *own_var; /* of groups, for the running statistics */
    real *own_gradient;         /* [3,c]: of their parameters */
} NormState;

struct Trainer {
    Graph *graph;
    Pool *pool;
    Kernels *kernels;
    Plan plan;
    TrainerShape shape;
    Leaves own;     /* slices of this process */
    int max_own;    /* the most images of this process */
    int n;          /* images of the batch in all processes */
    int first, end; /* those of this one */
    const uint8_t *rgb;
    real *batch, *local, *scratch, *packed, *slices, *gradients, *coefficients;
    real *embeddings;   /* of all processes, or NULL: there is one */
    real *inputs, *dys; /* of a linear layer, the same */
    real *travelling; /* [length of the graph]: gradients that are being summed over the processes,
                         in the order in which the backward pass finds them; or NULL */
    size_t travelled, asked; /* how many there are, and how many were sent off */
    Span *spans;             /* which they are */
    int span_count;
    Later *later;
    double *sums, *statistics;
    int group;        /* slices of a group with statistics of its own */
    NormState *norms; /* [runs of own slices that are a group or a part of one][nodes] */
    size_t channels;  /* of all norms; own_moments[runs][2,channels] and so on */
    double *own_moments, *own_sums;
    real *own_gradients;
    bool runs_with_gradients; /* groups that each have theirs */
    bool frozen_norms;
    bool drops;        /* this pass does, in layers that have dropout */
    real *kept_inputs; /* [max_own, inputs] of such a layer, those that were dropped 0; or NULL */
    uint64_t drop_seed, drop_step;
    int drop_first;
    Profile *profile; /* or NULL */
};

/* A phase, or a step of one, shared out by the pool. */
typedef struct Share {
    Trainer *trainer;
    const Phase *phase;
    const PlanStep *step;
} Share;

/* A PoolTask: own slice number `slice`, from 0, goes through share->phase. */
void trainer_run_slice(void *share, int64_t slice, int worker);

/* After a phase: statistics, sums and gradients of the batch from those of its slices. */
void trainer_join_slices(Trainer *t, const Phase *phase);

/* What an own slice's norm goes by. */
static inline NormState *norm_of(const Trainer *t, int node, int64_t slice)
{
    int64_t run = t->group < t->own.count ? slice / t->group : 0;
    return &t->norms[run * t->graph->node_count + node];
}

/* trainer_norm.c: memory; after a phase; after a forward and a backward pass. */
int trainer_make_norms(Trainer *t, Err *err);
void trainer_join_moments(Trainer *t, const PlanStep *step);
void trainer_join_sums(Trainer *t, const PlanStep *step);
void trainer_finish_moments(Trainer *t);
void trainer_finish_norm_gradients(Trainer *t);

/* At the end of a backward pass: gradients that are still travelling. */
void trainer_join_processes(Trainer *t);

/* The one step of a phase for the whole batch. */
void trainer_run_linear(Trainer *t, const PlanStep *step);

/* all[n, width] of the whole batch from each process's own rows. */
void trainer_gather(const Trainer *t, real *all, const real *own, size_t width);

/* A worker's time since `since` at a step, to the profile if there is one; returns now. */
static inline double lap(const Trainer *t, const PlanStep *step, int worker, double since)
{
    bool forward = !step->again && (step->kind == STEP_FORWARD || step->kind == STEP_MOMENTS);
    return profile_lap(t->profile, step->node, !forward, worker, since);
}

/* The first image of a slice, which may have none. */
static inline int slice_begin(const Trainer *t, int64_t slice)
{
    return (int)(slice * t->n / t->shape.slices);
}

/* How many images this process has. */
static inline int own_images(const Trainer *t)
{
    return t->end - t->first;
}

static inline real *batch_tensor(const Trainer *t, int tensor)
{
    return tensor < 0 ? NULL : t->batch + t->plan.tensors[tensor].offset;
}

/* What own slice number `slice` sums, from 0. */
static inline double *slice_sums(const Trainer *t, int64_t slice, const PlanStep *step)
{
    return t->sums + slice * t->plan.sums_length + step->sums;
}

static inline real *slice_gradient(const Trainer *t, int64_t slice, const PlanStep *step)
{
    return t->slices + slice * t->plan.slice_length + step->slice;
}

#endif
