#include "nn/trainer_parts_internal.h"

#include <string.h>

#include "layers/add_internal.h"
#include "layers/norm_internal.h"

/* Numbers of a parameter that a task adds up. */
enum { SUM_BLOCK = 8192 };

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

/* The statistics of the batch from those of its slices. */
static void batch_moments(Trainer *t, const Step *step)
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
    memset(norm->sums, 0, 3 * (size_t)c * sizeof *norm->sums);
    for (int s = 0; s < slice_count(t); s++)
        for (int j = 0; j < 3 * c; j++)
            norm->sums[j] += slice_sums(t, s, step)[j];
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

static void add_slices(void *arg, int64_t block, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    Span span = sliced_params(t, share->step);
    size_t first = (size_t)block * SUM_BLOCK, count = span.count - first;
    double since = profile_now(t->profile);
    for (int s = 0; s < slice_count(t); s++)
        add_backward(t->gradients + span.offset + first, slice_gradient(t, s, share->step) + first,
                     count < SUM_BLOCK ? count : SUM_BLOCK);
    lap(t, share->step, worker, since);
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
            pool_run(t->pool, (int64_t)(span.count + SUM_BLOCK - 1) / SUM_BLOCK, add_slices,
                     &share);
    }
}
