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
            pool_run(t->pool, slice_count(t), trainer_run_slice, &share);
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
            affine_coefficients(t->norms[n].scale, t->norms[n].shift,
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
    take_affines(t);
    run_phases(t, 0, t->plan.forward_phases);
    profile_run(t->profile, n, since);
    return batch_tensor(t, t->plan.output);
}

void trainer_backward(Trainer *t, const real *gradient)
{
    double since = profile_now(t->profile);
    memcpy(batch_tensor(t, t->plan.output_gradient), gradient,
           (size_t)t->n * t->graph->embedding * sizeof *gradient);
    run_phases(t, t->plan.forward_phases, t->plan.phase_count);
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

/* Hands out the blocks of coefficients and statistics to the norms. */
static int make_norms(Trainer *t, Err *err)
{
    size_t channels = 0;
    for (int n = 0; n < t->graph->node_count; n++)
        if (node_is(&t->graph->nodes[n], LAYER_SCALES))
            channels += (size_t)t->graph->nodes[n].shape.o;
    t->norms = calloc((size_t)t->graph->node_count, sizeof *t->norms);
    t->statistics = calloc(5 * channels + 1, sizeof *t->statistics);
    t->coefficients = block_new(5 * channels, "batch norm", err);
    if (t->norms == NULL || t->statistics == NULL || t->coefficients == NULL)
        return err_memory(err, "batch norm", 5 * channels * sizeof *t->statistics);
    double *d = t->statistics;
    real *r = t->coefficients;
    for (int n = 0; n < t->graph->node_count; n++) {
        size_t c = (size_t)t->graph->nodes[n].shape.o;
        if (!node_is(&t->graph->nodes[n], LAYER_SCALES))
            continue;
        t->norms[n] = (NormState){.mean = d,
                                  .var = d + c,
                                  .sums = d + 2 * c,
                                  .scale = r,
                                  .shift = r + c,
                                  .center = r + 2 * c,
                                  .pull = r + 3 * c,
                                  .push = r + 4 * c};
        d += 5 * c;
        r += 5 * c;
    }
    return 0;
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

static size_t slices_of(int max_batch)
{
    return (size_t)(max_batch < SLICES ? max_batch : SLICES);
}

static int allocate(Trainer *t, Err *err)
{
    size_t threads = (size_t)pool_threads(t->pool);
    size_t slices = slices_of(t->max_batch);
    if (plan_training(&t->plan, t->graph, t->max_batch, t->kernels, err) != 0 ||
        make_norms(t, err) != 0)
        return -1;
    t->batch = block_new(t->plan.batch_length, "the activations of a batch", err);
    t->local = block_new(threads * t->plan.local_length, "activations in work", err);
    t->scratch = block_new(threads * t->plan.scratch_length, "patches of images", err);
    t->packed = block_new(t->plan.packed_length, "packed weights", err);
    t->slices = block_new(slices * t->plan.slice_length, "shares of the gradients", err);
    t->gradients = block_new(t->graph->length, "the gradients", err);
    if (kept_length(t->graph) > 0)
        t->kept_inputs =
            block_new((size_t)t->max_batch * kept_length(t->graph), "inputs of dropout", err);
    t->sums = calloc(slices * t->plan.sums_length + 1, sizeof *t->sums);
    if (t->sums == NULL)
        return err_memory(err, "batch norm", slices * t->plan.sums_length * sizeof *t->sums);
    return err_is_set(err) ? -1 : 0;
}

int trainer_memory(size_t *bytes, const Graph *graph, int max_batch, int threads, Kernels *kernels,
                   Err *err)
{
    Plan plan = {0};
    int rc = plan_training(&plan, graph, max_batch, kernels, err);
    size_t slices = slices_of(max_batch);
    *bytes = (plan.batch_length + (size_t)threads * (plan.local_length + plan.scratch_length) +
              slices * plan.slice_length + plan.packed_length + graph->length +
              (size_t)max_batch * kept_length(graph)) *
                 sizeof(real) +
             slices * plan.sums_length * sizeof(double);
    plan_free(&plan);
    return rc;
}

Trainer *trainer_new(Graph *graph, int max_batch, Pool *pool, Kernels *kernels, Err *err)
{
    Trainer *t = calloc(1, sizeof *t);
    if (t == NULL) {
        err_memory(err, "a trainer", sizeof *t);
        return NULL;
    }
    *t = (Trainer){.graph = graph, .pool = pool, .kernels = kernels, .max_batch = max_batch};
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
    free(t->sums);
    free(t->statistics);
    free(t->norms);
    free(t);
}
