/* In which order a graph is run, and where its activations lie.
 *
 * A plan is a list of steps cut into phases. Within a phase every image (or small group of images)
 * goes through all steps by itself, so that what one step writes the next finds in the cache; a
 * phase ends where a batch norm needs its sums over the whole batch, or around a linear layer,
 * which is one matrix product for the batch. A tensor that lives within one phase is local: it
 * exists once per thread, for the few images in work. The others exist for the whole batch. Both
 * kinds share memory with tensors that are not alive at the same time.
 *
 * For training the outputs of norms, PReLUs and additions are only kept when a later phase of the
 * forward pass reads them; the backward pass computes the others again from what was kept, which
 * costs less than writing and reading them. */
#ifndef NN_PLAN_INTERNAL_H
#define NN_PLAN_INTERNAL_H

#include "nn/graph_internal.h"

typedef struct PlanTensor {
    size_t size;                 /* numbers an image */
    int first_step, last_step;   /* of its life */
    int first_phase, last_phase; /* the same in phases; local when they are equal */
    size_t offset;               /* in the block of the thread or of the batch */
} PlanTensor;

typedef enum StepKind {
    STEP_FORWARD, /* y from x (and x2) */
    STEP_MOMENTS, /* statistics of x for a norm */
    STEP_SUMS,    /* a norm's sums from dy and x */
    STEP_BACKWARD /* dx (and dx2) and parameter gradients from dy and x */
} StepKind;

/* Tensors are indices into Plan.tensors, -1 where there is none. */
typedef struct PlanStep {
    StepKind kind;
    int node;
    int x[2], y;   /* values of the node's inputs and output */
    int dx[2], dy; /* gradients of the same */
    bool fresh[2]; /* this step is the first to add to dx: it starts at zero */
    bool again;    /* a forward step repeated in the backward pass */
    size_t sums;   /* offset of this step's numbers in a slice's block: doubles of MOMENTS and */
    size_t slice;  /* SUMS, reals of weight gradients */
    bool packs;    /* it reads packed weights, */
    size_t packed; /* which begin there */
} PlanStep;

typedef struct Phase {
    int first, end; /* steps */
    bool whole;     /* one linear step for the whole batch */
    int images;     /* worked on at a time */
} Phase;

typedef struct Plan {
    PlanTensor *tensors;
    PlanStep *steps;
    Phase *phases;
    int tensor_count, tensor_room, step_count, step_room, phase_count, phase_room;
    int forward_phases;         /* how many of the phases are the forward pass: the first ones */
    int output;                 /* tensor of the embedding */
    int outputs[GRAPH_OUTPUTS]; /* of inference: tensors of the graph's outputs */
    int output_gradient;
    size_t batch_length;   /* numbers of the block for the whole batch of max_batch images */
    size_t local_length;   /* numbers of a thread's block */
    size_t sums_length;    /* doubles of a slice */
    size_t slice_length;   /* reals of a slice */
    size_t scratch_length; /* numbers of a thread's scratch for layers */
    size_t packed_length;  /* numbers of the packed weights of a phase */
    Kernels *kernels;      /* that will run it, and say how weights are packed */
    bool failed;
} Plan;

/* 0 or -1; plan_free in either case. */
int plan_training(Plan *plan, const Graph *graph, int max_batch, Kernels *kernels, Err *err);

/* Norms, PReLUs and additions write over an input that nothing else reads. One image at a time; in
 * a net with packed weights, which have to be read from memory, a few at a time as soon as
 * tensors are small. */
int plan_inference(Plan *plan, const Graph *graph, int max_batch, Kernels *kernels, Err *err);

void plan_free(Plan *plan);

static inline bool tensor_is_local(const PlanTensor *a)
{
    return a->first_phase == a->last_phase;
}

#endif
