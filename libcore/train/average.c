#include <string.h>

#include "base/real_internal.h"
#include "train/parts_internal.h"

enum { CHUNK = 1 << 16 };

CLONES static void lerp(real *average, const real *now, real share, size_t n)
{
    for (size_t i = 0; i < n; i++)
        average[i] += share * (now[i] - average[i]);
}

static void average_chunk(void *arg, int64_t chunk, int worker)
{
    (void)worker;
    Training *training = arg;
    size_t begin = (size_t)chunk * CHUNK, left = training->graph->length - begin;
    lerp(training->average + begin, training->graph->values + begin,
         (real)(1 - training->config.ema), left < CHUNK ? left : CHUNK);
}

/* The average starts with the net after the first step. */
void training_average(Training *training)
{
    const Graph *graph = training->graph;
    if (training->average == NULL)
        return;
    if (training->steps == 1)
        memcpy(training->average, graph->values, graph->length * sizeof(real));
    else
        pool_run(training->pool, (int64_t)((graph->length + CHUNK - 1) / CHUNK), average_chunk,
                 training);
}
