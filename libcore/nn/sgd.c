#include "nn/sgd.h"

#include "nn/graph_internal.h"

enum { CHUNK = 1 << 16 }; /* numbers of a block that are a task for a thread */

CLONES static double squares(const real *x, size_t n)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * x[i];
    return sum;
}

double sgd_norm(const Graph *graph, const real *gradients)
{
    double sum = 0;
    for (int i = 0; i < graph->param_count; i++)
        if (graph->params[i].trainable)
            sum += squares(gradients + graph->params[i].offset, graph->params[i].count);
    return sqrt(sum);
}

CLONES static void update(real *w, real *v, const real *g, size_t n, real scale, real lr,
                          real momentum, real decay)
{
    for (size_t i = 0; i < n; i++) {
        real step = momentum * v[i] + (scale * g[i] + decay * w[i]);
        v[i] = step;
        w[i] -= lr * step;
    }
}

CLONES static void update_nesterov(real *w, real *v, const real *g, size_t n, real scale, real lr,
                                   real momentum, real decay)
{
    for (size_t i = 0; i < n; i++) {
        real slope = scale * g[i] + decay * w[i];
        v[i] = momentum * v[i] + slope;
        w[i] -= lr * (slope + momentum * v[i]);
    }
}

typedef struct Task {
    Graph *graph;
    real *velocity;
    const real *gradients;
    double scale;
    const Sgd *sgd;
} Task;

static bool spared(const Param *param, const Sgd *sgd)
{
    return (param->role == PARAM_NORM && sgd->spare != SGD_SPARE_NONE) ||
           (param->role == PARAM_SLOPE && sgd->spare == SGD_SPARE_NORMS);
}

/* The part of every parameter that lies in one chunk of the block. */
static void update_chunk(void *arg, int64_t chunk, int worker)
{
    (void)worker;
    const Task *task = arg;
    const Sgd *sgd = task->sgd;
    size_t begin = (size_t)chunk * CHUNK, end = begin + CHUNK;
    for (int i = 0; i < task->graph->param_count; i++) {
        const Param *param = &task->graph->params[i];
        double rate = sgd->rate != NULL ? sgd->rate[i] : 1;
        if (!param->trainable || rate == 0 || param->offset >= end ||
            param->offset + param->count <= begin)
            continue;
        size_t first = param->offset > begin ? param->offset : begin;
        size_t last = param->offset + param->count < end ? param->offset + param->count : end;
        double decay = spared(param, sgd) ? 0 : sgd->weight_decay;
        (sgd->nesterov ? update_nesterov
                       : update)(task->graph->values + first, task->velocity + first,
                                 task->gradients + first, last - first, (real)task->scale,
                                 (real)(rate * sgd->lr), (real)sgd->momentum, (real)decay);
    }
}

void sgd_step(Graph *graph, real *velocity, const real *gradients, double scale, const Sgd *sgd,
              Pool *pool)
{
    Task task = {graph, velocity, gradients, scale, sgd};
    pool_run(pool, (int64_t)((graph->length + CHUNK - 1) / CHUNK), update_chunk, &task);
}
