#include "nn/plan_measure_internal.h"

#include <stdlib.h>

#include "nn/arena_internal.h"

/* A phase works on so many images at a time that its largest tensor takes about this many numbers
 * (512 KiB of floats). */
enum { GROUP_REALS = 128 * 1024, ALIGN = 16 };

static size_t aligned(size_t n)
{
    return (n + ALIGN - 1) / ALIGN * ALIGN;
}

/* Room in a slice's block for what the steps of a phase sum up over its images. */
static void size_sums(Plan *plan, const Graph *graph)
{
    for (int p = 0; p < plan->phase_count; p++) {
        size_t sums = 0, slice = 0;
        for (int i = plan->phases[p].first; i < plan->phases[p].end; i++) {
            PlanStep *step = &plan->steps[i];
            const Node *node = &graph->nodes[step->node];
            step->sums = sums;
            step->slice = slice;
            if (step->kind == STEP_MOMENTS)
                sums += 2 * aligned((size_t)node->shape.o);
            if (step->kind == STEP_SUMS)
                sums += 3 * aligned((size_t)node->shape.o);
            if (step->kind == STEP_BACKWARD && !plan->phases[p].whole &&
                !node_is(node, LAYER_NORMALISES))
                slice += aligned(node_span(graph, node).count);
        }
        plan->sums_length = sums > plan->sums_length ? sums : plan->sums_length;
        plan->slice_length = slice > plan->slice_length ? slice : plan->slice_length;
    }
}

/* Numbers of the weights a step reads packed; 0 when it reads them as they are or not at all. */
static size_t packed_numbers(const Plan *plan, const Graph *graph, const PlanStep *step,
                             bool training)
{
    bool backward = step->kind == STEP_BACKWARD && step->dx[0] >= 0;
    if (step->kind != STEP_FORWARD && !backward)
        return 0;
    if (training && node_is(&graph->nodes[step->node], LAYER_WHOLE))
        return 0; /* packing would take as long as the one product of a step */
    return node_packed(&graph->nodes[step->node], plan->kernels, backward);
}

/* Room for the packed weights of each phase, see nn/packed_internal.h; those of inference are made
 * once and so must all have their own. */
static void size_packed(Plan *plan, const Graph *graph)
{
    bool training = plan->forward_phases < plan->phase_count;
    size_t length = 0;
    for (int p = 0; p < plan->phase_count; p++) {
        length = training ? 0 : length;
        for (int i = plan->phases[p].first; i < plan->phases[p].end; i++) {
            PlanStep *step = &plan->steps[i];
            size_t packed = packed_numbers(plan, graph, step, training);
            step->packs = packed > 0;
            step->packed = length;
            length += aligned(packed);
        }
        plan->packed_length = length > plan->packed_length ? length : plan->packed_length;
    }
}

static void size_scratch(Plan *plan, const Graph *graph)
{
    for (int n = 0; n < graph->node_count; n++) {
        const Node *node = &graph->nodes[n];
        const Layer *layer = layer_of(node->kind);
        size_t need = layer->scratch != NULL ? layer->scratch(node, plan->kernels) : 0;
        plan->scratch_length = need > plan->scratch_length ? need : plan->scratch_length;
    }
}

static size_t largest_tensor(const Plan *plan, const Phase *phase)
{
    size_t largest = 1;
    for (int i = phase->first; i < phase->end; i++) {
        const PlanStep *s = &plan->steps[i];
        const int used[] = {s->x[0], s->x[1], s->y, s->dx[0], s->dx[1], s->dy};
        for (int j = 0; j < 6; j++)
            if (used[j] >= 0 && plan->tensors[used[j]].size > largest)
                largest = plan->tensors[used[j]].size;
    }
    return largest;
}

static void size_groups(Plan *plan, int max_batch)
{
    for (int p = 0; p < plan->phase_count; p++) {
        if (plan->phases[p].images > 0)
            continue;
        size_t images = GROUP_REALS / largest_tensor(plan, &plan->phases[p]);
        plan->phases[p].images = images > (size_t)max_batch ? max_batch
                                 : images < 1               ? 1
                                                            : (int)images;
    }
}

/* Offsets of the local tensors (times are steps) or of those of the batch (times are phases). */
static int place(Plan *plan, bool local, int max_batch, size_t *length, Err *err)
{
    ArenaItem *items = calloc((size_t)plan->tensor_count + 1, sizeof *items);
    int count = 0;
    if (items == NULL)
        return err_memory(err, "a plan", ((size_t)plan->tensor_count + 1) * sizeof *items);
    for (int i = 0; i < plan->tensor_count; i++) {
        const PlanTensor *t = &plan->tensors[i];
        int images = local ? plan->phases[t->first_phase].images : max_batch;
        if (tensor_is_local(t) == local)
            items[count++] = (ArenaItem){.size = aligned(t->size * (size_t)images),
                                         .first = local ? t->first_step : t->first_phase,
                                         .last = local ? t->last_step : t->last_phase};
    }
    int rc = arena_place(items, count, length, err);
    for (int i = 0, at = 0; rc == 0 && i < plan->tensor_count; i++)
        if (tensor_is_local(&plan->tensors[i]) == local)
            plan->tensors[i].offset = items[at++].offset;
    free(items);
    return rc;
}

int plan_measure(Plan *plan, const Graph *graph, int max_batch, Err *err)
{
    if (plan->failed)
        return err_memory(err, "a plan",
                          (unsigned long long)plan->tensor_count * sizeof(PlanTensor));
    size_groups(plan, max_batch);
    size_sums(plan, graph);
    size_scratch(plan, graph);
    size_packed(plan, graph);
    if (place(plan, true, max_batch, &plan->local_length, err) != 0)
        return -1;
    return place(plan, false, max_batch, &plan->batch_length, err);
}
