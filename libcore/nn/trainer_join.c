#include "nn/trainer_parts_internal.h"

#include <string.h>

#include "layers/add_internal.h"
#include "layers/norm_internal.h"

/* Numbers of a parameter that a task adds up. */
enum { SUM_BLOCK = 2048 };

/* The running statistics in place of those of the batch. */
static void take_running(NormState *norm, const Graph *graph, const Node *node)
{
    const real *mean = param_in(graph, graph->values, node->param[NORM_MEAN]);
    const real *var = param_in(graph, graph->values, node->param[NORM_VAR]);
    for (int j = 0; j < node->shape.o; j++) {
        norm->mean[j] = (double)mean[j];
        norm->var[j] = (double)var[j];
        norm->center[j] = mean[j];
    }
}

/* A norm's moments, mean[c] and m2[c] one behind the other, of runs of slices. */
typedef struct Moments {
    const Trainer *t;
    const Node *node;
} Moments;

static int64_t slice_rows(const Moments *m, int first, int end)
{
    return node_rows(m->node, slice_begin(m->t, end) - slice_begin(m->t, first));
}

/* Those of slices first .. first+half-1, and of the next `half`. Either may have no images. */
static void join_two(const Moments *m, double *lower, const double *higher, int first, int half)
{
    int c = m->node->shape.o;
    int64_t have = slice_rows(m, first, first + half);
    int64_t more = slice_rows(m, first + half, first + 2 * half);
    if (more > 0)
        norm_moments_join(lower, lower + c, have, higher, higher + c, more, c);
}

static void join_ranks(void *arg, void *lower, const void *higher, int first, int half)
{
    const Moments *m = arg;
    int count = m->t->own.count;
    join_two(m, lower, higher, first * count, half * count);
}

/* The statistics of the batch from those of its slices. */
static void batch_moments(Trainer *t, const Step *step)
{
    const Node *node = &t->graph->nodes[step->node];
    NormState *norm = &t->norms[step->node];
    Graph *graph = t->graph;
    Moments moments = {t, node};
    int c = node->shape.o;
    int64_t rows = node_rows(node, t->n);
    for (int half = 1; half < t->own.count; half *= 2)
        for (int s = 0; s < t->own.count; s += 2 * half)
            join_two(&moments, slice_sums(t, s, step), slice_sums(t, s + half, step),
                     t->own.first + s, half);
    double *mean = slice_sums(t, 0, step);
    comm_join(t->shape.comm, mean, 2 * (size_t)c * sizeof *mean, join_ranks, &moments);
    memcpy(norm->mean, mean, (size_t)c * sizeof *mean);
    memcpy(norm->var, mean + c, (size_t)c * sizeof *mean);
    norm_running(param_in(graph, graph->values, node->param[NORM_MEAN]),
                 param_in(graph, graph->values, node->param[NORM_VAR]), norm->mean, norm->var, rows,
                 NORM_MOMENTUM, c);
    graph->counts[graph->params[node->param[NORM_COUNT]].offset]++;
    for (int j = 0; j < c; j++) {
        norm->var[j] /= (double)rows; /* it was the sum of squared distances */
        norm->center[j] = (real)norm->mean[j];
    }
}

static void join_moments(Trainer *t, const Step *step)
{
    const Node *node = &t->graph->nodes[step->node];
    NormState *norm = &t->norms[step->node];
    Graph *graph = t->graph;
    int c = node->shape.o;
    if (t->frozen_norms)
        take_running(norm, graph, node);
    else
        batch_moments(t, step);
    norm_coefficients(norm->scale, norm->shift, norm->mean, norm->var,
                      param_in(graph, graph->values, node->param[NORM_GAMMA]),
                      param_in(graph, graph->values, node->param[NORM_BETA]), NORM_EPS, c);
}

static void join_sums(Trainer *t, const Step *step)
{
    const Node *node = &t->graph->nodes[step->node];
    const NormState *norm = &t->norms[step->node];
    int c = node->shape.o;
    for (int half = 1; half < t->own.count; half *= 2)
        for (int s = 0; s < t->own.count; s += 2 * half)
            for (int j = 0; j < 3 * c; j++)
                slice_sums(t, s, step)[j] += slice_sums(t, s + half, step)[j];
    memcpy(norm->sums, slice_sums(t, 0, step), 3 * (size_t)c * sizeof *norm->sums);
    comm_sum_doubles(t->shape.comm, norm->sums, 3 * (size_t)c);
    norm_backward_coefficients(param_in(t->graph, t->gradients, node->param[NORM_GAMMA]),
                               param_in(t->graph, t->gradients, node->param[NORM_BETA]),
                               param_in(t->graph, t->gradients, node->param[NORM_SLOPE]),
                               norm->pull, norm->push, norm->sums, norm->var, norm->scale, NORM_EPS,
                               node_rows(node, t->n), c);
    if (t->frozen_norms) { /* its statistics are constants to the gradient */
        memset(norm->pull, 0, (size_t)c * sizeof *norm->pull);
        memset(norm->push, 0, (size_t)c * sizeof *norm->push);
    }
}

/* The parameters whose gradients the slices of this step summed. */
static Span sliced_params(const Trainer *t, const Step *step)
{
    const Node *node = &t->graph->nodes[step->node];
    bool sliced = step->kind == STEP_BACKWARD && !node_is(node, LAYER_NORMALISES);
    return sliced ? node_span(t->graph, node) : (Span){0, 0};
}

/* A block of the sum of the own slices, in the first of them; of all, where there is one process,
 * it is added to the gradients. */
static void add_slices(void *arg, int64_t block, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    Span span = sliced_params(t, share->step);
    size_t first = (size_t)block * SUM_BLOCK, left = span.count - first;
    size_t count = left < SUM_BLOCK ? left : SUM_BLOCK;
    double since = profile_now(t->profile);
    for (int half = 1; half < t->own.count; half *= 2)
        for (int s = 0; s < t->own.count; s += 2 * half)
            add_backward(slice_gradient(t, s, share->step) + first,
                         slice_gradient(t, s + half, share->step) + first, count);
    if (t->later == NULL)
        add_backward(t->gradients + span.offset + first, slice_gradient(t, 0, share->step) + first,
                     count);
    lap(t, share->step, worker, since);
}

/* Gradients are sent off as soon as there are this many. */
enum { BUCKET = 1 << 17 };

static void send_off(Trainer *t)
{
    if (t->travelled > t->asked)
        later_sum(t->later, t->travelling + t->asked, t->travelled - t->asked);
    t->asked = t->travelled;
}

static void add_gradients(Share *share, Span span)
{
    Trainer *t = share->trainer;
    pool_run(t->pool, (int64_t)(span.count + SUM_BLOCK - 1) / SUM_BLOCK, add_slices, share);
    if (t->later == NULL)
        return;
    memcpy(t->travelling + t->travelled, slice_gradient(t, 0, share->step),
           span.count * sizeof(real));
    t->travelled += span.count;
    t->spans[t->span_count++] = span;
    if (t->travelled - t->asked >= BUCKET)
        send_off(t);
}

void trainer_join_processes(Trainer *t)
{
    if (t->later == NULL)
        return;
    send_off(t);
    later_wait(t->later);
    const real *sum = t->travelling;
    for (int i = 0; i < t->span_count; i++) {
        add_backward(t->gradients + t->spans[i].offset, sum, t->spans[i].count);
        sum += t->spans[i].count;
    }
    t->travelled = t->asked = 0;
    t->span_count = 0;
}

void trainer_join_slices(Trainer *t, const Phase *phase)
{
    for (int i = phase->first; i < phase->end; i++) {
        const Step *step = &t->plan.steps[i];
        Share share = {.trainer = t, .step = step};
        Span span = sliced_params(t, step);
        double since = profile_now(t->profile);
        if (step->kind == STEP_MOMENTS)
            join_moments(t, step);
        else if (step->kind == STEP_SUMS)
            join_sums(t, step);
        if (step->kind == STEP_MOMENTS || step->kind == STEP_SUMS)
            lap(t, step, 0, since);
        else if (span.count > 0)
            add_gradients(&share, span);
    }
}
