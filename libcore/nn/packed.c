#include "nn/packed_internal.h"

/* The shares of all steps of a phase are one list of tasks. */
typedef struct Work {
    real *packed;
    const Plan *plan;
    const Phase *phase;
    const Graph *graph;
    Profile *profile;
} Work;

const real *step_weight(const PlanStep *step, const Graph *graph, const real *packed)
{
    if (step->packs)
        return packed + step->packed;
    return param_in(graph, graph->values, graph->nodes[step->node].param[0]);
}

static int shares_of(const PlanStep *step, const Plan *plan, const Graph *graph)
{
    const Node *node = &graph->nodes[step->node];
    bool backward = step->kind == STEP_BACKWARD;
    return step->packs ? layer_of(node->kind)->pack_shares(node, plan->kernels, backward) : 0;
}

static void pack(void *arg, int64_t task, int worker)
{
    const Work *work = arg;
    const Graph *graph = work->graph;
    const PlanStep *step = &work->plan->steps[work->phase->first];
    double since = profile_now(work->profile);
    for (; task >= shares_of(step, work->plan, graph); step++)
        task -= shares_of(step, work->plan, graph);
    const Node *node = &graph->nodes[step->node];
    bool backward = step->kind == STEP_BACKWARD;
    layer_of(node->kind)
        ->pack(work->packed + step->packed, param_in(graph, graph->values, node->param[0]), node,
               work->plan->kernels, backward, (int)task);
    profile_lap(work->profile, step->node, backward, worker, since);
}

void packed_prepare(real *packed, const Plan *plan, const Phase *phase, const Graph *graph,
                    Pool *pool, Profile *profile)
{
    Work work = {packed, plan, phase, graph, profile};
    int64_t tasks = 0;
    for (int i = phase->first; i < phase->end; i++)
        tasks += shares_of(&plan->steps[i], plan, graph);
    if (tasks > 0)
        pool_run(pool, tasks, pack, &work);
}
