#include "nn/packed_internal.h"

typedef struct Task {
    real *packed;
    const real *weight;
    const Step *step;
    const Node *node;
    Profile *profile;
} Task;

bool step_packs(const Step *step, const Graph *graph)
{
    bool read = step->kind == STEP_FORWARD || (step->kind == STEP_BACKWARD && step->dx[0] >= 0);
    return read && node_packed(&graph->nodes[step->node]) > 0;
}

const real *step_weight(const Step *step, const Graph *graph, const real *packed)
{
    if (step_packs(step, graph))
        return packed + step->packed;
    return param_in(graph, graph->values, graph->nodes[step->node].param[0]);
}

static void pack(void *arg, int64_t share, int worker)
{
    const Task *task = arg;
    bool backward = task->step->kind == STEP_BACKWARD;
    double since = profile_now(task->profile);
    layer_of(task->node->kind)->pack(task->packed, task->weight, task->node, backward, (int)share);
    profile_lap(task->profile, task->step->node, backward, worker, since);
}

void packed_prepare(real *packed, const Plan *plan, const Phase *phase, const Graph *graph,
                    Pool *pool, Profile *profile)
{
    for (int i = phase->first; i < phase->end; i++) {
        const Step *step = &plan->steps[i];
        const Node *node = &graph->nodes[step->node];
        if (!step_packs(step, graph))
            continue;
        Task task = {packed + step->packed, param_in(graph, graph->values, node->param[0]), step,
                     node, profile};
        pool_run(pool, layer_of(node->kind)->pack_shares(node, step->kind == STEP_BACKWARD), pack,
                 &task);
    }
}
