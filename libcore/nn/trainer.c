#include "nn/trainer_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "layers/affine_internal.h"
#include "nn/packed_internal.h"
#include "nn/trainer_parts_internal.h"

static void run_phases(Trainer *t, int first, int end)
{
    for (int p = first; p < end; p++) {
        const Phase *phase = &t->plan.phases[p];
        if (phase->whole) {
            trainer_run_linear(t, &t->plan.steps[phase->first]);
        } else {
            Share share = {.trainer = t, .phase = phase};
            packed_prepare(t->packed, &t->plan, phase, t->graph, t->pool, t->profile);
            pool_run(t->pool, t->own.count, trainer_run_slice, &share);
            trainer_join_slices(t, phase);
        }
    }
}

/* The coefficients that are parameters, as these are now. */
static void take_affines(Trainer *t)
{
    for (int n = 0; n < t->graph->node_count; n++) {
        const Node *node = &t->graph->nodes[n];
        if (node_is(node, LAYER_SCALES) && !node_is(node, LAYER_NORMALISES))
            for (int s = 0; s < t->own.count; s++)
                affine_coefficients(norm_of(t, n, s)->scale, norm_of(t, n, s)->shift,
                                    param_in(t->graph, t->graph->values, node->param[NORM_GAMMA]),
                                    param_in(t->graph, t->graph->values, node->param[NORM_BETA]),
                                    node->shape.o);
    }
}

const real *trainer_forward(Trainer *t, const uint8_t *rgb, int n)
{
    double since = profile_now(t->profile);
    t->rgb = rgb;
    t->n = n;
    trainer_rows(&t->first, &t->end, &t->shape, n);
    take_affines(t);
    run_phases(t, 0, t->plan.forward_phases);
    trainer_finish_moments(t);
    const real *own = batch_tensor(t, t->plan.output);
    if (t->embeddings != NULL)
        trainer_gather(t, t->embeddings, own, (size_t)t->graph->embedding);
    profile_run(t->profile, own_images(t), since);
    return t->embeddings != NULL ? t->embeddings : own;
}

void trainer_backward(Trainer *t, const real *gradient)
{
    double since = profile_now(t->profile);
    size_t d = (size_t)t->graph->embedding;
    memcpy(batch_tensor(t, t->plan.output_gradient), gradient + (size_t)t->first * d,
           (size_t)own_images(t) * d * sizeof *gradient);
    run_phases(t, t->plan.forward_phases, t->plan.phase_count);
    trainer_join_processes(t);
    trainer_finish_norm_gradients(t);
    profile_run(t->profile, 0, since);
}

void trainer_profile(Trainer *t, Profile *profile)
{
    t->profile = profile;
}

void trainer_drop(Trainer *t, uint64_t seed, uint64_t step, int first)
{
    t->drops = t->kept_inputs != NULL;
    t->drop_seed = seed;
    t->drop_step = step;
    t->drop_first = first;
}

void trainer_freeze_norms(Trainer *t)
{
    t->frozen_norms = true;
}

real *trainer_gradients(Trainer *t)
{
    return t->gradients;
}

void trainer_zero(Trainer *t)
{
    memset(t->gradients, 0, t->graph->length * sizeof *t->gradients);
}

/* The most inputs of a layer with dropout. */
static size_t kept_length(const Graph *graph)
{
    size_t most = 0;
    for (int n = 0; n < graph->node_count; n++) {
        const Node *node = &graph->nodes[n];
        size_t inputs = (size_t)node->shape.h * node->shape.w * node->shape.c;
        if (node->dropout > 0 && inputs > most)
            most = inputs;
    }
    return most;
}

/* The most inputs and outputs of a linear layer. */
static void linear_widths(size_t *inputs, size_t *outputs, const Graph *graph)
{
    *inputs = *outputs = 0;
    for (int n = 0; n < graph->node_count; n++) {
        const Shape *s = &graph->nodes[n].shape;
        size_t in = (size_t)s->h * s->w * s->c;
        if (graph->nodes[n].kind != LAYER_LINEAR)
            continue;
        *inputs = in > *inputs ? in : *inputs;
        *outputs = (size_t)s->o > *outputs ? (size_t)s->o : *outputs;
    }
}

/* The most images a process can have. */
static int most_own(const TrainerShape *shape)
{
    int64_t count = comm_leaves(shape->comm, shape->slices).count;
    return (int)((shape->batch * count + shape->slices - 1) / shape->slices);
}

/* What there is of a batch of several processes as a whole. */
static int allocate_whole(Trainer *t, Err *err)
{
    size_t inputs, outputs, batch = (size_t)t->shape.batch;
    linear_widths(&inputs, &outputs, t->graph);
    if (comm_size(t->shape.comm) == 1)
        return 0;
    t->embeddings = block_new(batch * (size_t)t->graph->embedding, "embeddings", err);
    t->inputs = block_new(batch * inputs, "inputs of a linear layer", err);
    t->dys = block_new(batch * outputs, "gradients of a linear layer", err);
    t->travelling = block_new(t->graph->length, "gradients on their way", err);
    t->spans = calloc((size_t)t->graph->node_count, sizeof *t->spans);
    if (t->spans == NULL)
        return err_memory(err, "gradients on their way", (size_t)t->graph->node_count);
    if (!err_is_set(err))
        t->later = later_new(t->shape.comm, err);
    return err_is_set(err) ? -1 : 0;
}

static int allocate(Trainer *t, Err *err)
{
    size_t threads = (size_t)pool_threads(t->pool), slices = (size_t)t->own.count;
    if (plan_training(&t->plan, t->graph, t->max_own, t->kernels, err) != 0 ||
        trainer_make_norms(t, err) != 0 || allocate_whole(t, err) != 0)
        return -1;
    t->batch = block_new(t->plan.batch_length, "the activations of a batch", err);
    t->local = block_new(threads * t->plan.local_length, "activations in work", err);
    t->scratch = block_new(threads * t->plan.scratch_length, "patches of images", err);
    t->packed = block_new(t->plan.packed_length, "packed weights", err);
    t->slices = block_new(slices * t->plan.slice_length, "shares of the gradients", err);
    t->gradients = block_new(t->graph->length, "the gradients", err);
    if (kept_length(t->graph) > 0)
        t->kept_inputs =
            block_new((size_t)t->max_own * kept_length(t->graph), "inputs of dropout", err);
    t->sums = calloc(slices * t->plan.sums_length + 1, sizeof *t->sums);
    if (t->sums == NULL)
        return err_memory(err, "batch norm", slices * t->plan.sums_length * sizeof *t->sums);
    return err_is_set(err) ? -1 : 0;
}

int trainer_memory(size_t *bytes, const Graph *graph, const TrainerShape *shape, int threads,
                   Kernels *kernels, Err *err)
{
    Plan plan = {0};
    int own = most_own(shape), rc = plan_training(&plan, graph, own, kernels, err);
    size_t slices = (size_t)comm_leaves(shape->comm, shape->slices).count, inputs, outputs;
    linear_widths(&inputs, &outputs, graph);
    *bytes = (plan.batch_length + (size_t)threads * (plan.local_length + plan.scratch_length) +
              slices * plan.slice_length + plan.packed_length + graph->length +
              (size_t)own * kept_length(graph)) *
                 sizeof(real) +
             slices * plan.sums_length * sizeof(double);
    if (comm_size(shape->comm) > 1)
        *bytes +=
            ((size_t)shape->batch * ((size_t)graph->embedding + inputs + outputs) + graph->length) *
            sizeof(real);
    plan_free(&plan);
    return rc;
}

static int check_shape(const TrainerShape *shape, Err *err)
{
    int slices = shape->slices;
    if (slices < 1 || slices > TRAINER_SLICES_MAX || (slices & (slices - 1)) != 0)
        return err_set(err, "%d slices: it must be a power of two, up to %d", slices,
                       TRAINER_SLICES_MAX);
    int group = shape->group;
    if (group < 0 || group > slices || (group & (group - 1)) != 0)
        return err_set(err,
                       "groups of %d slices for batch norm: it must be a power of two, up to %d",
                       group, slices);
    if (comm_size(shape->comm) > slices)
        return err_set(err, "a batch of %d slices cannot be shared out to %d processes", slices,
                       comm_size(shape->comm));
    return 0;
}

Trainer *trainer_new(Graph *graph, const TrainerShape *shape, Pool *pool, Kernels *kernels,
                     Err *err)
{
    if (check_shape(shape, err) != 0)
        return NULL;
    Trainer *t = calloc(1, sizeof *t);
    if (t == NULL) {
        err_memory(err, "a trainer", sizeof *t);
        return NULL;
    }
    *t = (Trainer){.graph = graph,
                   .pool = pool,
                   .kernels = kernels,
                   .shape = *shape,
                   .group = shape->group > 0 ? shape->group : shape->slices,
                   .own = comm_leaves(shape->comm, shape->slices),
                   .max_own = most_own(shape)};
    if (allocate(t, err) != 0) {
        trainer_free(t);
        return NULL;
    }
    return t;
}

void trainer_free(Trainer *t)
{
    if (t == NULL)
        return;
    plan_free(&t->plan);
    free(t->batch);
    free(t->local);
    free(t->scratch);
    free(t->packed);
    free(t->slices);
    free(t->gradients);
    free(t->coefficients);
    free(t->kept_inputs);
    free(t->embeddings);
    free(t->inputs);
    free(t->dys);
    later_free(t->later);
    free(t->travelling);
    free(t->spans);
    free(t->sums);
    free(t->statistics);
    free(t->norms);
    free(t->own_moments);
    free(t->own_sums);
    free(t->own_gradients);
    free(t);
}
