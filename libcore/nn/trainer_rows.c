#include <math.h>
#include <string.h>

#include "nn/trainer_parts_internal.h"

static void find_rows(int *first, int *end, Leaves own, int slices, int n)
{
    *first = (int)((int64_t)own.first * n / slices);
    *end = (int)((int64_t)(own.first + own.count) * n / slices);
}

void trainer_rows(int *first, int *end, const TrainerShape *shape, int n)
{
    find_rows(first, end, comm_leaves(shape->comm, shape->slices), shape->slices, n);
}

void trainer_gather(const Trainer *t, real *all, const real *own, size_t width)
{
    int size = comm_size(t->shape.comm);
    size_t first[TRAINER_SLICES_MAX + 1] = {0};
    for (int r = 0, begin, end; r < size; r++) {
        Leaves of = {.first = r * t->own.count, .count = t->own.count};
        find_rows(&begin, &end, of, t->shape.slices, t->n);
        first[r + 1] = (size_t)end * width * sizeof *all;
    }
    memcpy(all + (size_t)t->first * width, own, (size_t)own_images(t) * width * sizeof *all);
    comm_gather(t->shape.comm, all, first);
}

TrainerTraffic trainer_traffic(const Trainer *t)
{
    CommSpent own = comm_spent(t->shape.comm), beside = later_spent(t->later);
    return (TrainerTraffic){.exchanging = (double)own.nanoseconds / 1e9,
                            .beside = (double)beside.nanoseconds / 1e9,
                            .waiting = (double)later_waited(t->later) / 1e9,
                            .exchanged = (double)own.bytes,
                            .summed = (double)beside.bytes};
}

void trainer_predict(double *bytes, double *exchanges, const Trainer *t, int passes)
{
    double size = comm_size(t->shape.comm), norms = 0;
    for (int n = 0; n < t->graph->node_count; n++)
        norms += node_is(&t->graph->nodes[n], LAYER_NORMALISES);
    *bytes = passes * 2 * (size - 1) / size * (double)t->graph->length * sizeof(real);
    double ranks = size * t->group / t->shape.slices;
    *exchanges = t->frozen_norms || ranks <= 1 ? 0 : (3 * passes - 1) * norms * log2(ranks);
}
