/* Batch norm over slices and processes.
 *
 * Its statistics are those of a group of slices: all of a batch, or runs of them (--norm-group). A
 * process has several groups, one, or a part of one. What the groups have on their own, running
 * statistics and the gradients of the parameters, is added up once a pass, for all norms together.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "layers/norm_internal.h"
#include "nn/trainer_parts_internal.h"

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

static int64_t slice_rows(const Trainer *t, const Node *node, int first, int end)
{
    return node_rows(node, slice_begin(t, end) - slice_begin(t, first));
}

/* Those of slices first .. first+half-1, and of the next `half`. Either may have no images. */
static void join_two(const Moments *m, double *lower, const double *higher, int first, int half)
{
    int c = m->node->shape.o;
    int64_t have = slice_rows(m->t, m->node, first, first + half);
    int64_t more = slice_rows(m->t, m->node, first + half, first + 2 * half);
    if (more > 0)
        norm_moments_join(lower, lower + c, have, higher, higher + c, more, c);
}

static void join_ranks(void *arg, void *lower, const void *higher, int first, int half)
{
    const Moments *m = arg;
    int count = m->t->own.count;
    join_two(m, lower, higher, first * count, half * count);
}

/* Own slices of a group that lie in this process, and the processes that a group is in. */
static int group_own(const Trainer *t)
{
    return t->group < t->own.count ? t->group : t->own.count;
}

static int group_ranks(const Trainer *t)
{
    return t->group / group_own(t);
}

/* Rows of the group that own slice `slice` is in, at a norm. */
static int64_t group_rows(const Trainer *t, const Node *node, int slice)
{
    int first = (t->own.first + slice) / t->group * t->group;
    return slice_rows(t, node, first, first + t->group);
}

static bool grouped(const Trainer *t)
{
    return t->group < t->shape.slices && !t->frozen_norms;
}

/* The statistics of a group from those of its slices, of which the first own one is `slice`. */
static void group_moments(Trainer *t, const PlanStep *step, NormState *norm, int slice)
{
    const Node *node = &t->graph->nodes[step->node];
    Moments moments = {t, node};
    int c = node->shape.o, own = group_own(t);
    int64_t rows = group_rows(t, node, slice);
    size_t bytes = (size_t)c * sizeof(double);
    for (int half = 1; half < own; half *= 2)
        for (int s = slice; s < slice + own; s += 2 * half)
            join_two(&moments, slice_sums(t, s, step), slice_sums(t, s + half, step),
                     t->own.first + s, half);
    double *mean = slice_sums(t, slice, step);
    comm_join_part(t->shape.comm, mean, 2 * bytes, join_ranks, &moments, 1, group_ranks(t));
    memcpy(norm->mean, mean, bytes);
    memcpy(norm->var, mean + c, bytes);
    for (int j = 0; j < c && grouped(t); j++) {
        norm->own_mean[j] = rows > 0 ? norm->mean[j] : 0;
        norm->own_var[j] = rows > 1 ? norm->var[j] / (double)(rows - 1) : 0;
    }
    for (int j = 0; j < c; j++)
        norm->center[j] = (real)norm->mean[j];
}

static void move_running(const Trainer *t, const Node *node, const double *mean, const double *m2,
                         int64_t rows)
{
    Graph *graph = t->graph;
    norm_running(param_in(graph, graph->values, node->param[NORM_MEAN]),
                 param_in(graph, graph->values, node->param[NORM_VAR]), mean, m2, rows,
                 NORM_MOMENTUM, node->shape.o);
    graph->counts[graph->params[node->param[NORM_COUNT]].offset]++;
}

static void batch_moments(Trainer *t, const PlanStep *step, NormState *norm, int slice)
{
    const Node *node = &t->graph->nodes[step->node];
    int64_t rows = group_rows(t, node, slice);
    group_moments(t, step, norm, slice);
    if (!grouped(t))
        move_running(t, node, norm->mean, norm->var, rows);
    for (int j = 0; j < node->shape.o; j++) /* it was the sum of squared distances */
        norm->var[j] /= (double)(rows > 0 ? rows : 1);
}

void trainer_join_moments(Trainer *t, const PlanStep *step)
{
    const Node *node = &t->graph->nodes[step->node];
    Graph *graph = t->graph;
    for (int slice = 0; slice < t->own.count; slice += group_own(t)) {
        NormState *norm = norm_of(t, step->node, slice);
        if (t->frozen_norms)
            take_running(norm, graph, node);
        else
            batch_moments(t, step, norm, slice);
        norm_coefficients(norm->scale, norm->shift, norm->mean, norm->var,
                          param_in(graph, graph->values, node->param[NORM_GAMMA]),
                          param_in(graph, graph->values, node->param[NORM_BETA]), NORM_EPS,
                          node->shape.o);
    }
}

static void group_sums(Trainer *t, const PlanStep *step, const NormState *norm, int slice)
{
    int own = group_own(t);
    size_t n = 3 * (size_t)t->graph->nodes[step->node].shape.o;
    for (int half = 1; half < own; half *= 2)
        for (int s = slice; s < slice + own; s += 2 * half)
            comm_add_doubles(&n, slice_sums(t, s, step), slice_sums(t, s + half, step), 0, 0);
    memcpy(norm->sums, slice_sums(t, slice, step), n * sizeof *norm->sums);
    comm_join_part(t->shape.comm, norm->sums, n * sizeof *norm->sums, comm_add_doubles, &n, 1,
                   group_ranks(t));
}

/* Of frozen norms the statistics are the same in all groups, and constants to the gradient. */
static void freeze(const NormState *norm, size_t c)
{
    memset(norm->pull, 0, c * sizeof *norm->pull);
    memset(norm->push, 0, c * sizeof *norm->push);
}

void trainer_join_sums(Trainer *t, const PlanStep *step)
{
    const Node *node = &t->graph->nodes[step->node];
    const Graph *graph = t->graph;
    size_t c = (size_t)node->shape.o;
    for (int slice = 0; slice < t->own.count; slice += group_own(t)) {
        const NormState *norm = norm_of(t, step->node, slice);
        int64_t rows = group_rows(t, node, slice);
        real *dgamma = param_in(graph, t->gradients, node->param[NORM_GAMMA]);
        real *dbeta = param_in(graph, t->gradients, node->param[NORM_BETA]);
        real *dslope = param_in(graph, t->gradients, node->param[NORM_SLOPE]);
        group_sums(t, step, norm, slice);
        if (t->runs_with_gradients) {
            memset(norm->own_gradient, 0, 3 * c * sizeof *norm->own_gradient);
            dgamma = norm->own_gradient;
            dbeta = norm->own_gradient + c;
            dslope = dslope != NULL ? norm->own_gradient + 2 * c : NULL;
        }
        norm_backward_coefficients(dgamma, dbeta, dslope, norm->pull, norm->push, norm->sums,
                                   norm->var, norm->scale, NORM_EPS, rows > 0 ? rows : 1, (int)c);
        if (t->frozen_norms)
            freeze(norm, c);
    }
}

static int norm_groups_with_rows(const Trainer *t)
{
    int n = 0;
    for (int g = 0; g < t->shape.slices; g += t->group)
        n += slice_begin(t, g + t->group) > slice_begin(t, g);
    return n;
}

/* x[runs of this process][n]: the first becomes the sum of those of all groups. */
static void sum_runs(const Trainer *t, double *x, size_t n)
{
    int runs = t->own.count / group_own(t);
    for (int half = 1; half < runs; half *= 2)
        for (int r = 0; r < runs; r += 2 * half)
            comm_add_doubles(&n, x + (size_t)r * n, x + (size_t)(r + half) * n, 0, 0);
    comm_join_part(t->shape.comm, x, n * sizeof *x, comm_add_doubles, &n, group_ranks(t),
                   comm_size(t->shape.comm));
}

void trainer_finish_moments(Trainer *t)
{
    double groups = norm_groups_with_rows(t);
    if (!grouped(t))
        return;
    sum_runs(t, t->own_moments, 2 * t->channels);
    for (size_t i = 0; i < 2 * t->channels; i++)
        t->own_moments[i] /= groups;
    for (int n = 0; n < t->graph->node_count; n++) /* a variance is m2 of two rows */
        if (node_is(&t->graph->nodes[n], LAYER_NORMALISES))
            move_running(t, &t->graph->nodes[n], t->norms[n].own_mean, t->norms[n].own_var, 2);
}

/* gradient[n] of a parameter += x[n] */
static void add_param(const Trainer *t, int param, const double *x, int n)
{
    real *gradient = param_in(t->graph, t->gradients, param);
    for (int j = 0; j < n && gradient != NULL; j++)
        gradient[j] += (real)x[j];
}

void trainer_finish_norm_gradients(Trainer *t)
{
    size_t all = 3 * t->channels;
    int runs = t->own.count / group_own(t);
    if (!t->runs_with_gradients)
        return;
    for (size_t i = 0; i < all * (size_t)runs; i++)
        t->own_sums[i] = (double)t->own_gradients[i];
    sum_runs(t, t->own_sums, all);
    for (int n = 0; n < t->graph->node_count; n++) {
        const Node *node = &t->graph->nodes[n];
        if (!node_is(node, LAYER_NORMALISES))
            continue;
        const double *sum = t->own_sums + (t->norms[n].own_gradient - t->own_gradients);
        add_param(t, node->param[NORM_GAMMA], sum, node->shape.o);
        add_param(t, node->param[NORM_BETA], sum + node->shape.o, node->shape.o);
        add_param(t, node->param[NORM_SLOPE], sum + 2 * node->shape.o, node->shape.o);
    }
}

static void hand_out(Trainer *t, int run, double *d, real *r)
{
    double *moments = t->own_moments + (size_t)run * 2 * t->channels;
    real *gradients = t->own_gradients + (size_t)run * 3 * t->channels;
    size_t at = 0;
    for (int n = 0; n < t->graph->node_count; n++) {
        size_t c = (size_t)t->graph->nodes[n].shape.o;
        if (!node_is(&t->graph->nodes[n], LAYER_SCALES))
            continue;
        t->norms[run * t->graph->node_count + n] = (NormState){.mean = d + 5 * at,
                                                               .var = d + 5 * at + c,
                                                               .sums = d + 5 * at + 2 * c,
                                                               .scale = r + 5 * at,
                                                               .shift = r + 5 * at + c,
                                                               .center = r + 5 * at + 2 * c,
                                                               .pull = r + 5 * at + 3 * c,
                                                               .push = r + 5 * at + 4 * c,
                                                               .own_mean = moments + 2 * at,
                                                               .own_var = moments + 2 * at + c,
                                                               .own_gradient = gradients + 3 * at};
        at += c;
    }
}

int trainer_make_norms(Trainer *t, Err *err)
{
    size_t runs = (size_t)(t->own.count / group_own(t)), all;
    for (int n = 0; n < t->graph->node_count; n++)
        if (node_is(&t->graph->nodes[n], LAYER_SCALES))
            t->channels += (size_t)t->graph->nodes[n].shape.o;
    all = runs * t->channels;
    t->runs_with_gradients = t->group < t->shape.slices;
    t->norms = calloc(runs * (size_t)t->graph->node_count, sizeof *t->norms);
    t->statistics = calloc(5 * all + 1, sizeof *t->statistics);
    t->own_moments = calloc(2 * all + 1, sizeof *t->own_moments);
    t->own_sums = calloc(3 * all + 1, sizeof *t->own_sums);
    t->coefficients = block_new(5 * all, "batch norm", err);
    t->own_gradients = block_new(3 * all, "batch norm", err);
    if (t->norms == NULL || t->statistics == NULL || t->coefficients == NULL ||
        t->own_moments == NULL || t->own_sums == NULL || t->own_gradients == NULL)
        return err_memory(err, "batch norm", 10 * all * sizeof *t->statistics);
    for (size_t r = 0; r < runs; r++)
        hand_out(t, (int)r, t->statistics + 5 * r * t->channels,
                 t->coefficients + 5 * r * t->channels);
    return 0;
}
