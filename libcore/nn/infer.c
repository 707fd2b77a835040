#include "nn/infer_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "layers/affine_internal.h"
#include "layers/linear_internal.h"
#include "layers/norm_internal.h"
#include "nn/packed_internal.h"

struct Infer {
    const Graph *graph;
    Pool *pool;
    Kernels *kernels;
    Plan plan;
    real *batch, *local, *scratch, *packed, *coefficients;
    size_t *scale;    /* by node: where a norm's coefficients begin, its shift behind its scale */
    Profile *profile; /* or NULL */
    Range *ranges;    /* [threads,nodes], or NULL */
};

typedef struct Share {
    const Infer *infer;
    const Phase *phase;
    const uint8_t *rgb;
    bool mirror;
    int n;
} Share;

/* Image number `image` of a tensor; of a local one it is the place in the group that counts. */
static real *at(const Infer *infer, int index, int64_t image, int place, int worker)
{
    if (index < 0)
        return NULL;
    const PlanTensor *a = &infer->plan.tensors[index];
    if (tensor_is_local(a))
        return infer->local + worker * infer->plan.local_length + a->offset + place * a->size;
    return infer->batch + a->offset + image * a->size;
}

/* A step for n images from `first` on, of which the first is number `place` of its group. */
static void run_step(const Share *share, const PlanStep *step, int64_t first, int place, int n,
                     int worker)
{
    const Infer *infer = share->infer;
    const Graph *graph = infer->graph;
    const Node *node = &graph->nodes[step->node];
    const real *scale = infer->coefficients + infer->scale[step->node];
    LayerRun run = {.node = node,
                    .n = n,
                    .x = {at(infer, step->x[0], first, place, worker),
                          at(infer, step->x[1], first, place, worker)},
                    .weight = step_weight(step, graph, infer->packed),
                    .packed = step->packs,
                    .kernels = infer->kernels,
                    .scale = scale,
                    .shift = scale + node->shape.o,
                    .scratch = infer->scratch + worker * infer->plan.scratch_length,
                    .y = at(infer, step->y, first, place, worker),
                    .pixels = &graph->pixels,
                    .rgb = share->rgb + first * graph_image_bytes(graph),
                    .mirror = share->mirror};
    node_values(graph, node, run.value);
    layer_of(node->kind)->forward(&run);
}

/* Takes what a step gave into account. */
CLONES static void watch(Range *range, const real *y, size_t n)
{
    real least = (real)range->least, largest = (real)range->largest;
    for (size_t i = 0; i < n; i++) {
        least = y[i] < least ? y[i] : least;
        largest = y[i] > largest ? y[i] : largest;
    }
    *range = (Range){(float)least, (float)largest};
}

static void watch_step(const Infer *infer, const PlanStep *step, int64_t first, int place, int n,
                       int worker)
{
    size_t size = node_size(&infer->graph->nodes[step->node]);
    Range *range = &infer->ranges[worker * infer->graph->node_count + step->node];
    for (int i = 0; i < n; i++)
        watch(range, at(infer, step->y, first + i, place + i, worker), size);
}

/* A product may round a row in another way when there are more of them, unless its weights are
 * packed, so it gets one image; everything else works on the group. */
static void run_group(void *arg, int64_t group, int worker)
{
    const Share *share = arg;
    const Infer *infer = share->infer;
    int64_t first = group * share->phase->images, left = share->n - first;
    int n = left < share->phase->images ? (int)left : share->phase->images;
    double since = profile_now(infer->profile);
    for (int i = share->phase->first; i < share->phase->end; i++) {
        const PlanStep *step = &infer->plan.steps[i];
        bool alone = node_is(&infer->graph->nodes[step->node], LAYER_ROUNDS) && !step->packs;
        for (int k = 0; k < n; k += alone ? 1 : n)
            run_step(share, step, first + k, k, alone ? 1 : n, worker);
        if (infer->ranges != NULL)
            watch_step(infer, step, first, 0, n, worker);
        since = profile_lap(infer->profile, step->node, false, worker, since);
    }
}

static void run_linear(void *arg, int64_t block, int worker)
{
    const Share *share = arg;
    const Infer *infer = share->infer;
    const PlanStep *step = &infer->plan.steps[share->phase->first];
    const Node *node = &infer->graph->nodes[step->node];
    const Shape *s = &node->shape;
    int first = (int)block * LINEAR_BLOCK, left = s->o - first;
    const real *weight = step_weight(step, infer->graph, infer->packed);
    const real *bias = param_in(infer->graph, infer->graph->values, node->param[1]);
    const real *x = at(infer, step->x[0], 0, 0, worker);
    real *y = at(infer, step->y, 0, 0, worker);
    double since = profile_now(infer->profile);
    if (step->packs)
        linear_forward_packed(y, x, weight, bias, share->n, s, (int)block, infer->kernels,
                              infer->scratch + worker * infer->plan.scratch_length);
    else
        linear_forward_each(y, x, weight, bias, share->n, s->o, linear_inputs(s), first,
                            left < LINEAR_BLOCK ? left : LINEAR_BLOCK);
    profile_lap(infer->profile, step->node, false, worker, since);
}

void infer_run(Infer *infer, real *embedding, const uint8_t *rgb, int n, bool mirror)
{
    double since = profile_now(infer->profile);
    for (int p = 0; p < infer->plan.phase_count; p++) {
        const Phase *phase = &infer->plan.phases[p];
        const Node *node = &infer->graph->nodes[infer->plan.steps[phase->first].node];
        Share share = {infer, phase, rgb, mirror, n};
        if (phase->whole)
            pool_run(infer->pool, (node->shape.o + LINEAR_BLOCK - 1) / LINEAR_BLOCK, run_linear,
                     &share);
        else
            pool_run(infer->pool, (n + phase->images - 1) / phase->images, run_group, &share);
    }
    if (embedding != NULL)
        memcpy(embedding, at(infer, infer->plan.output, 0, 0, 0),
               (size_t)n * infer->graph->embedding * sizeof *embedding);
    profile_run(infer->profile, n, since);
}

const real *infer_output(const Infer *infer, int output)
{
    return at(infer, infer->plan.outputs[output], 0, 0, 0);
}

void infer_profile(Infer *infer, Profile *profile)
{
    infer->profile = profile;
}

int infer_watch(Infer *infer, Err *err)
{
    size_t n = (size_t)pool_threads(infer->pool) * (size_t)infer->graph->node_count;
    infer->ranges = calloc(n, sizeof *infer->ranges);
    return infer->ranges != NULL ? 0 : err_memory(err, "ranges", n * sizeof *infer->ranges);
}

void infer_ranges(const Infer *infer, Range *range)
{
    int threads = pool_threads(infer->pool), nodes = infer->graph->node_count;
    for (int i = 0; i < nodes; i++) {
        range[i] = (Range){0, 0};
        for (int t = 0; t < threads; t++) {
            const Range *one = &infer->ranges[t * nodes + i];
            range[i].least = fminf(range[i].least, one->least);
            range[i].largest = fmaxf(range[i].largest, one->largest);
        }
    }
}

/* The coefficients of a batch norm: running statistics become a scale and a shift per channel. */
static void fold(Infer *infer, int n, const double *mean, const double *var)
{
    const Graph *graph = infer->graph;
    const Node *node = &graph->nodes[n];
    real *scale = infer->coefficients + infer->scale[n];
    norm_coefficients(scale, scale + node->shape.o, mean, var,
                      param_in(graph, graph->values, node->param[NORM_GAMMA]),
                      param_in(graph, graph->values, node->param[NORM_BETA]), NORM_EPS,
                      node->shape.o);
}

static int fold_norms(Infer *infer, Err *err)
{
    const Graph *graph = infer->graph;
    size_t length = 0, widest = 0;
    for (int n = 0; n < graph->node_count; n++) {
        size_t c = (size_t)graph->nodes[n].shape.o;
        infer->scale[n] = length;
        length += node_is(&graph->nodes[n], LAYER_SCALES) ? 2 * c : 0;
        widest = c > widest ? c : widest;
    }
    double *statistics = malloc(2 * widest * sizeof *statistics);
    infer->coefficients = block_new(length, "batch norm", err);
    if (statistics == NULL || infer->coefficients == NULL) {
        free(statistics);
        return err_memory(err, "batch norm", 2 * widest * sizeof *statistics);
    }
    for (int n = 0; n < graph->node_count; n++) {
        const Node *node = &graph->nodes[n];
        if (node_is(node, LAYER_SCALES) && !node_is(node, LAYER_NORMALISES))
            affine_coefficients(infer->coefficients + infer->scale[n],
                                infer->coefficients + infer->scale[n] + node->shape.o,
                                param_in(graph, graph->values, node->param[NORM_GAMMA]),
                                param_in(graph, graph->values, node->param[NORM_BETA]),
                                node->shape.o);
        if (!node_is(node, LAYER_NORMALISES))
            continue;
        const real *mean = param_in(graph, graph->values, node->param[NORM_MEAN]);
        const real *var = param_in(graph, graph->values, node->param[NORM_VAR]);
        for (int j = 0; j < node->shape.o; j++) {
            statistics[j] = mean[j];
            statistics[widest + j] = var[j];
        }
        fold(infer, n, statistics, statistics + widest);
    }
    free(statistics);
    return 0;
}

static int allocate(Infer *infer, int max_batch, Err *err)
{
    size_t threads = (size_t)pool_threads(infer->pool);
    if (plan_inference(&infer->plan, infer->graph, max_batch, infer->kernels, err) != 0)
        return -1;
    infer->scale = calloc((size_t)infer->graph->node_count, sizeof *infer->scale);
    if (infer->scale == NULL)
        return err_memory(err, "batch norm", infer->graph->node_count * sizeof *infer->scale);
    if (fold_norms(infer, err) != 0)
        return -1;
    infer->batch = block_new(infer->plan.batch_length, "the embeddings of a batch", err);
    infer->local = block_new(threads * infer->plan.local_length, "activations", err);
    infer->scratch = block_new(threads * infer->plan.scratch_length, "patches of images", err);
    infer->packed = block_new(infer->plan.packed_length, "packed weights", err);
    return err_is_set(err) ? -1 : 0;
}

static void pack_weights(Infer *infer)
{
    for (int p = 0; p < infer->plan.phase_count; p++)
        packed_prepare(infer->packed, &infer->plan, &infer->plan.phases[p], infer->graph,
                       infer->pool, NULL);
}

Infer *infer_new(const Graph *graph, int max_batch, Pool *pool, Kernels *kernels, Err *err)
{
    Infer *infer = calloc(1, sizeof *infer);
    if (infer == NULL) {
        err_memory(err, "a net", sizeof *infer);
        return NULL;
    }
    *infer = (Infer){.graph = graph, .pool = pool, .kernels = kernels};
    if (allocate(infer, max_batch, err) != 0) {
        infer_free(infer);
        return NULL;
    }
    pack_weights(infer);
    return infer;
}

void infer_free(Infer *infer)
{
    if (infer == NULL)
        return;
    plan_free(&infer->plan);
    free(infer->batch);
    free(infer->local);
    free(infer->scratch);
    free(infer->packed);
    free(infer->coefficients);
    free(infer->scale);
    free(infer->ranges);
    free(infer);
}
