#include "nn/filters.h"

#include "nn/conv.h"

typedef struct Task {
    real *filter;
    const real *weight;
    const Step *step;
    const Shape *shape;
    Profile *profile;
} Task;

bool step_needs_filter(const Step *step, const Graph *graph)
{
    const Node *node = &graph->nodes[step->node];
    bool read = step->kind == STEP_FORWARD || (step->kind == STEP_BACKWARD && step->dx[0] >= 0);
    return read && node->kind == NODE_CONV && conv_filter_size(&node->shape) > 0;
}

const real *step_filter(const Step *step, const Graph *graph, const real *filters)
{
    if (step_needs_filter(step, graph))
        return filters + step->filter;
    return param_in(graph, graph->values, graph->nodes[step->node].param[0]);
}

static void transform(void *arg, int64_t share, int worker)
{
    const Task *task = arg;
    bool backward = task->step->kind == STEP_BACKWARD;
    double since = profile_now(task->profile);
    conv_filter(task->filter, task->weight, task->shape, backward, (int)share);
    profile_lap(task->profile, task->step->node, backward, worker, since);
}

void filters_prepare(real *filters, const Plan *plan, const Phase *phase, const Graph *graph,
                     Pool *pool, Profile *profile)
{
    for (int i = phase->first; i < phase->end; i++) {
        const Step *step = &plan->steps[i];
        const Node *node = &graph->nodes[step->node];
        if (!step_needs_filter(step, graph))
            continue;
        Task task = {filters + step->filter, param_in(graph, graph->values, node->param[0]), step,
                     &node->shape, profile};
        pool_run(pool, conv_filter_shares(&node->shape, step->kind == STEP_BACKWARD), transform,
                 &task);
    }
}
