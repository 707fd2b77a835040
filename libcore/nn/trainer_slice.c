#include "nn/trainer_parts_internal.h"

#include <string.h>

#include "layers/norm_internal.h"
#include "nn/packed_internal.h"

/* A group of images at one step. */
typedef struct Work {
    Trainer *trainer;
    const PlanStep *step;
    const Node *node;
    int worker, slice;
    int begin;    /* first image of the slice */
    int first, n; /* images of the group */
} Work;

static real *at(const Work *w, int index)
{
    const Trainer *t = w->trainer;
    if (index < 0)
        return NULL;
    const PlanTensor *a = &t->plan.tensors[index];
    if (tensor_is_local(a))
        return t->local + w->worker * t->plan.local_length + a->offset;
    return t->batch + a->offset + (w->first - t->first) * a->size;
}

static const real *value_of(const Work *w, int param)
{
    const Graph *graph = w->trainer->graph;
    return param_in(graph, graph->values, w->node->param[param]);
}

/* What forward and backward passes read. */
static LayerRun run_of(const Work *w)
{
    Trainer *t = w->trainer;
    const NormState *norm = norm_of(t, w->step->node, w->slice);
    LayerRun run = {.node = w->node,
                    .n = w->n,
                    .x = {at(w, w->step->x[0]), at(w, w->step->x[1])},
                    .weight = step_weight(w->step, t->graph, t->packed),
                    .packed = w->step->packs,
                    .kernels = t->kernels,
                    .scale = norm->scale,
                    .shift = norm->shift,
                    .center = norm->center,
                    .pull = norm->pull,
                    .push = norm->push,
                    .scratch = t->scratch + w->worker * t->plan.scratch_length};
    node_values(t->graph, w->node, run.value);
    return run;
}

static void forward(const Work *w)
{
    Trainer *t = w->trainer;
    LayerRun run = run_of(w);
    run.y = at(w, w->step->y);
    run.pixels = &t->graph->pixels;
    run.rgb = t->rgb + (size_t)w->first * graph_image_bytes(t->graph);
    layer_of(w->node->kind)->forward(&run);
}

static void moments(const Work *w)
{
    int c = w->node->shape.o;
    double *mean = slice_sums(w->trainer, w->slice, w->step);
    norm_moments(mean, mean + c, node_rows(w->node, w->first - w->begin), at(w, w->step->x[0]),
                 node_rows(w->node, w->n), c);
}

static void sums(const Work *w)
{
    int c = w->node->shape.o;
    const NormState *norm = norm_of(w->trainer, w->step->node, w->slice);
    double *sum = slice_sums(w->trainer, w->slice, w->step);
    if (w->first == w->begin)
        memset(sum, 0, 3 * (size_t)c * sizeof *sum);
    norm_sums(sum, at(w, w->step->dy), at(w, w->step->x[0]), norm->scale, norm->shift,
              value_of(w, NORM_SLOPE), norm->center, node_rows(w->node, w->n), c);
}

/* The slice's share of the gradients of the step's parameters, NULL for those that are not there;
 * zero at the slice's first group. A norm's were made of its sums. */
static void gradients_of(const Work *w, real *gradient[NODE_PARAMS])
{
    const Graph *graph = w->trainer->graph;
    Span span = node_span(graph, w->node);
    if (span.count == 0 || node_is(w->node, LAYER_NORMALISES))
        return;
    real *share = slice_gradient(w->trainer, w->slice, w->step);
    if (w->first == w->begin)
        memset(share, 0, span.count * sizeof *share);
    for (int i = 0; i < NODE_PARAMS; i++)
        if (w->node->param[i] >= 0)
            gradient[i] = share + graph->params[w->node->param[i]].offset - span.offset;
}

static void backward(const Work *w)
{
    const PlanStep *step = w->step;
    LayerRun run = run_of(w);
    run.dy = at(w, step->dy);
    for (int i = 0; i < 2; i++) {
        run.dx[i] = at(w, step->dx[i]);
        run.fresh[i] = step->fresh[i];
        if (step->fresh[i] && !node_is(w->node, LAYER_BEGINS))
            memset(run.dx[i], 0, w->n * w->trainer->plan.tensors[step->dx[i]].size * sizeof(real));
    }
    gradients_of(w, run.dvalue);
    layer_of(w->node->kind)->backward(&run);
}

static void run_step(const Work *w)
{
    if (w->step->kind == STEP_FORWARD)
        forward(w);
    else if (w->step->kind == STEP_MOMENTS)
        moments(w);
    else if (w->step->kind == STEP_SUMS)
        sums(w);
    else
        backward(w);
}

/* Of a slice without images all sums are 0. */
static void clear_slice(const Trainer *t, const Phase *phase, int64_t slice)
{
    for (int i = phase->first; i < phase->end; i++) {
        const PlanStep *step = &t->plan.steps[i];
        const Node *node = &t->graph->nodes[step->node];
        if (step->kind == STEP_MOMENTS || step->kind == STEP_SUMS)
            memset(slice_sums(t, slice, step), 0,
                   (step->kind == STEP_SUMS ? 3 : 2) * (size_t)node->shape.o * sizeof(double));
        else if (step->kind == STEP_BACKWARD && !node_is(node, LAYER_NORMALISES))
            memset(slice_gradient(t, slice, step), 0,
                   node_span(t->graph, node).count * sizeof(real));
    }
}

void trainer_run_slice(void *arg, int64_t slice, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    int begin = slice_begin(t, t->own.first + slice),
        end = slice_begin(t, t->own.first + slice + 1);
    if (begin == end)
        clear_slice(t, share->phase, slice);
    double since = profile_now(t->profile);
    for (int first = begin; first < end; first += share->phase->images) {
        int n = end - first < share->phase->images ? end - first : share->phase->images;
        for (int i = share->phase->first; i < share->phase->end; i++) {
            const PlanStep *step = &t->plan.steps[i];
            Work work = {t,     step, &t->graph->nodes[step->node], worker, (int)slice, begin,
                         first, n};
            run_step(&work);
            since = lap(t, step, worker, since);
        }
    }
}
