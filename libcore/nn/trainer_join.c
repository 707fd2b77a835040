#include "nn/trainer_parts_internal.h"

#include <string.h>

#include "layers/add_internal.h"

/* Numbers of a parameter that a task adds up. */
enum { SUM_BLOCK = 2048 };

/* The parameters whose gradients the slices of this step summed. */
static Span sliced_params(const Trainer *t, const PlanStep *step)
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
        const PlanStep *step = &t->plan.steps[i];
        Share share = {.trainer = t, .step = step};
        Span span = sliced_params(t, step);
        double since = profile_now(t->profile);
        if (step->kind == STEP_MOMENTS)
            trainer_join_moments(t, step);
        else if (step->kind == STEP_SUMS)
            trainer_join_sums(t, step);
        if (step->kind == STEP_MOMENTS || step->kind == STEP_SUMS)
            lap(t, step, 0, since);
        else if (span.count > 0)
            add_gradients(&share, span);
    }
}
