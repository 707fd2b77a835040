#include "nn/descent.h"

#include "nn/graph_internal.h"
#include "optim/update_internal.h"

enum { CHUNK = 1 << 16 }; /* numbers of a block that are a task for a thread */

CLONES static double squares(const real *x, size_t n)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * x[i];
    return sum;
}

double descent_norm(const Graph *graph, const real *gradients)
{
    double sum = 0;
    for (int i = 0; i < graph->param_count; i++)
        if (graph->params[i].trainable)
            sum += squares(gradients + graph->params[i].offset, graph->params[i].count);
    return sqrt(sum);
}

CLONES static void multiply(real *x, real factor, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] *= factor;
}

typedef struct Task {
    Graph *graph;
    const DescentState *state;
    real *gradients;
    double scale;
    const Descent *descent;
} Task;

static bool spared(const Param *param, Spare spare)
{
    return (param->role == PARAM_NORM && spare != SPARE_NONE) ||
           (param->role == PARAM_SLOPE && spare == SPARE_NORMS);
}

/* The numbers [first, last) of the block, which are of parameter i. */
static void update_some(const Task *task, int i, size_t first, size_t last)
{
    const Descent *descent = task->descent;
    const DescentState *state = task->state;
    const Optimiser *optimiser = &descent->optimiser;
    double rate = descent->rate != NULL ? descent->rate[i] : 1;
    double decay = spared(&task->graph->params[i], descent->spare) ? 0 : optimiser->weight_decay;
    if (rate == 0)
        return;
    if (task->scale != 1)
        multiply(task->gradients + first, (real)task->scale, last - first);
    Update update = update_of(optimiser, rate * optimiser->lr, decay, state->updates);
    update_run(task->graph->values + first, state->momentum + first,
               state->square != NULL ? state->square + first : NULL, task->gradients + first,
               last - first, optimiser, &update);
}

/* The part of every parameter that lies in one chunk of the block. */
static void update_chunk(void *arg, int64_t chunk, int worker)
{
    (void)worker;
    const Task *task = arg;
    size_t begin = (size_t)chunk * CHUNK, end = begin + CHUNK;
    for (int i = 0; i < task->graph->param_count; i++) {
        const Param *param = &task->graph->params[i];
        size_t first = param->offset > begin ? param->offset : begin;
        size_t last = param->offset + param->count < end ? param->offset + param->count : end;
        if (param->trainable && first < last)
            update_some(task, i, first, last);
    }
}

void descent_step(Graph *graph, const DescentState *state, real *gradients, double scale,
                  const Descent *descent, Pool *pool)
{
    Task task = {graph, state, gradients, scale, descent};
    pool_run(pool, (int64_t)((graph->length + CHUNK - 1) / CHUNK), update_chunk, &task);
}
