#include "nn/trainer.h"

#include <stdlib.h>
#include <string.h>

#include "nn/add.h"
#include "nn/array.h"
#include "nn/conv.h"
#include "nn/depthwise.h"
#include "nn/linear.h"
#include "nn/node.h"
#include "nn/norm.h"
#include "nn/plan.h"
#include "nn/prelu.h"

/* Shares a batch is cut into; and outputs or inputs of a linear layer, or numbers to be added up,
 * that make a task. */
enum { SLICES = 16, LINEAR_BLOCK = 64, SUM_BLOCK = 8192 };

/* A norm's statistics and coefficients for the batch at hand, [c] each. */
typedef struct NormState {
    double *mean, *var, *sums;
    real *scale, *shift, *center, *pull, *push;
} NormState;

struct Trainer {
    Graph *graph;
    Pool *pool;
    Plan plan;
    int max_batch, n;
    const uint8_t *rgb;
    real *batch, *local, *column, *slices, *gradients, *coefficients;
    double *sums, *statistics;
    NormState *norms; /* by node */
};

/* A group of images at one step. */
typedef struct Work {
    Trainer *trainer;
    const Step *step;
    const Node *node;
    int worker, slice;
    int begin;    /* first image of the slice */
    int first, n; /* images of the group */
} Work;

/* A phase, or a step of one, shared out by the pool. */
typedef struct Share {
    Trainer *trainer;
    const Phase *phase;
    const Step *step;
} Share;

static int slice_count(const Trainer *t)
{
    return t->n < SLICES ? t->n : SLICES;
}

static int slice_begin(const Trainer *t, int64_t slice)
{
    return (int)(slice * t->n / slice_count(t));
}

static real *batch_tensor(const Trainer *t, int tensor)
{
    return tensor < 0 ? NULL : t->batch + t->plan.tensors[tensor].offset;
}

static real *at(const Work *w, int index)
{
    const Trainer *t = w->trainer;
    if (index < 0)
        return NULL;
    const Tensor *tensor = &t->plan.tensors[index];
    if (tensor_is_local(tensor))
        return t->local + w->worker * t->plan.local_length + tensor->offset;
    return t->batch + tensor->offset + w->first * tensor->size;
}

static const real *value_of(const Work *w, int param)
{
    const Graph *graph = w->trainer->graph;
    return param_in(graph, graph->values, w->node->param[param]);
}

static double *slice_sums(const Trainer *t, int64_t slice, const Step *step)
{
    return t->sums + slice * t->plan.sums_length + step->sums;
}

static real *slice_gradient(const Trainer *t, int64_t slice, const Step *step)
{
    return t->slices + slice * t->plan.slice_length + step->slice;
}

static real *column_of(const Work *w)
{
    return w->trainer->column + w->worker * w->trainer->plan.column_length;
}

static void forward(const Work *w)
{
    Trainer *t = w->trainer;
    const NormState *norm = &t->norms[w->step->node];
    NodeRun run = {.y = at(w, w->step->y),
                   .x = {at(w, w->step->x[0]), at(w, w->step->x[1])},
                   .scale = norm->scale,
                   .shift = norm->shift,
                   .rgb = t->rgb + (size_t)w->first * t->graph->size * t->graph->size * 3,
                   .n = w->n,
                   .column = column_of(w)};
    node_forward(t->graph, w->node, &run);
}

static void moments(const Work *w)
{
    int c = w->node->shape.o;
    double *mean = slice_sums(w->trainer, w->slice, w->step);
    norm_moments(mean, mean + c, node_rows(w->node, w->first - w->begin), at(w, w->step->x[0]),
                 node_rows(w->node, w->n), c);
}

static void sums(const Work *w)
{
    int c = w->node->shape.o;
    const NormState *norm = &w->trainer->norms[w->step->node];
    double *sum = slice_sums(w->trainer, w->slice, w->step);
    if (w->first == w->begin)
        memset(sum, 0, 3 * (size_t)c * sizeof *sum);
    norm_sums(sum, at(w, w->step->dy), at(w, w->step->x[0]), norm->scale, norm->shift,
              value_of(w, NORM_SLOPE), norm->center, node_rows(w->node, w->n), c);
}

/* The slice's share of the gradient of the step's weights, zero at the slice's first group. */
static real *weight_gradient(const Work *w)
{
    real *share = slice_gradient(w->trainer, w->slice, w->step);
    if (w->first == w->begin)
        memset(share, 0, w->trainer->graph->params[w->node->param[0]].count * sizeof *share);
    return share;
}

static void backward_convolution(const Work *w, real *dx, const real *dy, const real *x)
{
    const Shape *shape = &w->node->shape;
    const real *weight = value_of(w, 0);
    real *dweight = weight_gradient(w), *column = column_of(w);
    if (w->node->kind == NODE_CONV) {
        conv_backward_weight(dweight, dy, x, w->n, shape, column);
        if (dx != NULL)
            conv_backward_input(dx, dy, weight, w->n, shape, column);
    } else {
        depthwise_backward_weight(dweight, dy, x, w->n, shape);
        if (dx != NULL)
            depthwise_backward_input(dx, dy, weight, w->n, shape);
    }
}

static void backward(const Work *w)
{
    const Step *step = w->step;
    const NormState *norm = &w->trainer->norms[step->node];
    real *dx[2] = {at(w, step->dx[0]), at(w, step->dx[1])};
    const real *dy = at(w, step->dy), *x = at(w, step->x[0]);
    int c = w->node->shape.o;
    for (int i = 0; i < 2; i++)
        if (step->fresh[i])
            memset(dx[i], 0, w->n * w->trainer->plan.tensors[step->dx[i]].size * sizeof *dx[i]);
    switch (w->node->kind) {
    case NODE_CONV:
    case NODE_DEPTHWISE:
        backward_convolution(w, dx[0], dy, x);
        break;
    case NODE_NORM:
        if (dx[0] != NULL)
            norm_backward(dx[0], dy, x, norm->scale, norm->shift, value_of(w, NORM_SLOPE),
                          norm->center, norm->pull, norm->push, node_rows(w->node, w->n), c);
        break;
    case NODE_PRELU:
        prelu_backward(dx[0], weight_gradient(w), dy, x, value_of(w, 0), node_rows(w->node, w->n),
                       c);
        break;
    case NODE_ADD:
        for (int i = 0; i < 2; i++)
            if (dx[i] != NULL)
                add_backward(dx[i], dy, (size_t)w->n * node_size(w->node));
        break;
    case NODE_INPUT:
    case NODE_LINEAR:
        break;
    }
}

static void run_step(const Work *w)
{
    if (w->step->kind == STEP_FORWARD)
        forward(w);
    else if (w->step->kind == STEP_MOMENTS)
        moments(w);
    else if (w->step->kind == STEP_SUMS)
        sums(w);
    else
        backward(w);
}

static void run_slice(void *arg, int64_t slice, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    int begin = slice_begin(t, slice), end = slice_begin(t, slice + 1);
    for (int first = begin; first < end; first += share->phase->images) {
        int n = end - first < share->phase->images ? end - first : share->phase->images;
        for (int i = share->phase->first; i < share->phase->end; i++) {
            const Step *step = &t->plan.steps[i];
            Work work = {t,     step, &t->graph->nodes[step->node], worker, (int)slice, begin,
                         first, n};
            run_step(&work);
        }
    }
}

/* The statistics of the batch from those of its slices. */
static void join_moments(Trainer *t, const Step *step)
{
    const Node *node = &t->graph->nodes[step->node];
    NormState *norm = &t->norms[step->node];
    Graph *graph = t->graph;
    int c = node->shape.o;
    int64_t rows = node_rows(node, t->n);
    for (int s = 0; s < slice_count(t); s++) {
        int first = slice_begin(t, s), end = slice_begin(t, s + 1);
        const double *mean = slice_sums(t, s, step);
        norm_moments_join(norm->mean, norm->var, node_rows(node, first), mean, mean + c,
                          node_rows(node, end - first), c);
    }
    norm_running(param_in(graph, graph->values, node->param[NORM_MEAN]),
                 param_in(graph, graph->values, node->param[NORM_VAR]), norm->mean, norm->var, rows,
                 NORM_MOMENTUM, c);
    graph->counts[graph->params[node->param[NORM_COUNT]].offset]++;
    for (int j = 0; j < c; j++) {
        norm->var[j] /= (double)rows; /* it was the sum of squared distances */
        norm->center[j] = (real)norm->mean[j];
    }
    norm_coefficients(norm->scale, norm->shift, norm->mean, norm->var,
                      param_in(graph, graph->values, node->param[NORM_GAMMA]),
                      param_in(graph, graph->values, node->param[NORM_BETA]), NORM_EPS, c);
}

static void join_sums(Trainer *t, const Step *step)
{
    const Node *node = &t->graph->nodes[step->node];
    const NormState *norm = &t->norms[step->node];
    int c = node->shape.o;
    memset(norm->sums, 0, 3 * (size_t)c * sizeof *norm->sums);
    for (int s = 0; s < slice_count(t); s++)
        for (int j = 0; j < 3 * c; j++)
            norm->sums[j] += slice_sums(t, s, step)[j];
    norm_backward_coefficients(param_in(t->graph, t->gradients, node->param[NORM_GAMMA]),
                               param_in(t->graph, t->gradients, node->param[NORM_BETA]),
                               param_in(t->graph, t->gradients, node->param[NORM_SLOPE]),
                               norm->pull, norm->push, norm->sums, norm->var, norm->scale, NORM_EPS,
                               node_rows(node, t->n), c);
}

static const Param *sliced_param(const Trainer *t, const Step *step)
{
    const Node *node = &t->graph->nodes[step->node];
    bool sliced = step->kind == STEP_BACKWARD && node->kind != NODE_NORM && node->param[0] >= 0;
    return sliced ? &t->graph->params[node->param[0]] : NULL;
}

static void add_slices(void *arg, int64_t block, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    const Param *param = sliced_param(t, share->step);
    size_t first = (size_t)block * SUM_BLOCK, count = param->count - first;
    (void)worker;
    for (int s = 0; s < slice_count(t); s++)
        add_backward(t->gradients + param->offset + first,
                     slice_gradient(t, s, share->step) + first,
                     count < SUM_BLOCK ? count : SUM_BLOCK);
}

static void join_slices(Trainer *t, const Phase *phase)
{
    for (int i = phase->first; i < phase->end; i++) {
        const Step *step = &t->plan.steps[i];
        Share share = {.trainer = t, .step = step};
        const Param *param = sliced_param(t, step);
        if (step->kind == STEP_MOMENTS)
            join_moments(t, step);
        else if (step->kind == STEP_SUMS)
            join_sums(t, step);
        else if (param != NULL)
            pool_run(t->pool, (int64_t)(param->count + SUM_BLOCK - 1) / SUM_BLOCK, add_slices,
                     &share);
    }
}

/* The block of a linear layer's outputs or inputs that is task number i. */
static int block_count(int size, int64_t i)
{
    int left = size - (int)i * LINEAR_BLOCK;
    return left < LINEAR_BLOCK ? left : LINEAR_BLOCK;
}

static int linear_inputs(const Shape *s)
{
    return s->h * s->w * s->c;
}

static void linear_forward_task(void *arg, int64_t i, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    const Node *node = &t->graph->nodes[share->step->node];
    (void)worker;
    linear_forward(batch_tensor(t, share->step->y), batch_tensor(t, share->step->x[0]),
                   param_in(t->graph, t->graph->values, node->param[0]),
                   param_in(t->graph, t->graph->values, node->param[1]), t->n, node->shape.o,
                   linear_inputs(&node->shape), (int)i * LINEAR_BLOCK,
                   block_count(node->shape.o, i));
}

static void linear_input_task(void *arg, int64_t i, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    const Node *node = &t->graph->nodes[share->step->node];
    int k = linear_inputs(&node->shape);
    (void)worker;
    linear_backward_input(batch_tensor(t, share->step->dx[0]), batch_tensor(t, share->step->dy),
                          param_in(t->graph, t->graph->values, node->param[0]), t->n, node->shape.o,
                          k, (int)i * LINEAR_BLOCK, block_count(k, i));
}

static void linear_weight_task(void *arg, int64_t i, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    const Node *node = &t->graph->nodes[share->step->node];
    (void)worker;
    linear_backward_weight(param_in(t->graph, t->gradients, node->param[0]),
                           param_in(t->graph, t->gradients, node->param[1]),
                           batch_tensor(t, share->step->dy), batch_tensor(t, share->step->x[0]),
                           t->n, node->shape.o, linear_inputs(&node->shape), (int)i * LINEAR_BLOCK,
                           block_count(node->shape.o, i));
}

static void run_linear(Trainer *t, const Step *step)
{
    const Shape *s = &t->graph->nodes[step->node].shape;
    Share share = {.trainer = t, .step = step};
    int outputs = (s->o + LINEAR_BLOCK - 1) / LINEAR_BLOCK;
    int inputs = (linear_inputs(s) + LINEAR_BLOCK - 1) / LINEAR_BLOCK;
    if (step->kind == STEP_FORWARD) {
        pool_run(t->pool, outputs, linear_forward_task, &share);
        return;
    }
    pool_run(t->pool, outputs, linear_weight_task, &share);
    if (step->dx[0] < 0)
        return;
    if (step->fresh[0])
        memset(batch_tensor(t, step->dx[0]), 0,
               (size_t)t->n * t->plan.tensors[step->dx[0]].size * sizeof(real));
    pool_run(t->pool, inputs, linear_input_task, &share);
}

static void run_phases(Trainer *t, int first, int end)
{
    for (int p = first; p < end; p++) {
        const Phase *phase = &t->plan.phases[p];
        if (phase->whole) {
            run_linear(t, &t->plan.steps[phase->first]);
        } else {
            Share share = {.trainer = t, .phase = phase};
            pool_run(t->pool, slice_count(t), run_slice, &share);
            join_slices(t, phase);
        }
    }
}

const real *trainer_forward(Trainer *t, const uint8_t *rgb, int n)
{
    t->rgb = rgb;
    t->n = n;
    run_phases(t, 0, t->plan.forward_phases);
    return batch_tensor(t, t->plan.output);
}

void trainer_backward(Trainer *t, const real *gradient)
{
    memcpy(batch_tensor(t, t->plan.output_gradient), gradient,
           (size_t)t->n * t->graph->embedding * sizeof *gradient);
    run_phases(t, t->plan.forward_phases, t->plan.phase_count);
}

real *trainer_gradients(Trainer *t)
{
    return t->gradients;
}

void trainer_zero(Trainer *t)
{
    memset(t->gradients, 0, t->graph->length * sizeof *t->gradients);
}

size_t trainer_bytes_per_image(const Trainer *t)
{
    return t->plan.batch_length * sizeof(real) / (size_t)t->max_batch;
}

/* Hands out the blocks of coefficients and statistics to the norms. */
static int make_norms(Trainer *t, Err *err)
{
    size_t channels = 0;
    for (int n = 0; n < t->graph->node_count; n++)
        if (t->graph->nodes[n].kind == NODE_NORM)
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
        if (t->graph->nodes[n].kind != NODE_NORM)
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

static int allocate(Trainer *t, Err *err)
{
    size_t threads = (size_t)pool_threads(t->pool);
    size_t slices = (size_t)(t->max_batch < SLICES ? t->max_batch : SLICES);
    if (plan_training(&t->plan, t->graph, t->max_batch, err) != 0 || make_norms(t, err) != 0)
        return -1;
    t->batch = block_new(t->plan.batch_length, "the activations of a batch", err);
    t->local = block_new(threads * t->plan.local_length, "activations in work", err);
    t->column = block_new(threads * t->plan.column_length, "patches of images", err);
    t->slices = block_new(slices * t->plan.slice_length, "shares of the gradients", err);
    t->gradients = block_new(t->graph->length, "the gradients", err);
    t->sums = calloc(slices * t->plan.sums_length + 1, sizeof *t->sums);
    if (t->sums == NULL)
        return err_memory(err, "batch norm", slices * t->plan.sums_length * sizeof *t->sums);
    return err_is_set(err) ? -1 : 0;
}

Trainer *trainer_new(Graph *graph, int max_batch, Pool *pool, Err *err)
{
    Trainer *t = calloc(1, sizeof *t);
    if (t == NULL) {
        err_memory(err, "a trainer", sizeof *t);
        return NULL;
    }
    *t = (Trainer){.graph = graph, .pool = pool, .max_batch = max_batch};
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
    free(t->column);
    free(t->slices);
    free(t->gradients);
    free(t->coefficients);
    free(t->sums);
    free(t->statistics);
    free(t->norms);
    free(t);
}
