#include "nn/trainer_parts.h"

#include <string.h>

#include "nn/add.h"
#include "nn/affine.h"
#include "nn/concat.h"
#include "nn/conv.h"
#include "nn/depthwise.h"
#include "nn/filters.h"
#include "nn/grouped.h"
#include "nn/maximum.h"
#include "nn/multiply.h"
#include "nn/node.h"
#include "nn/norm.h"
#include "nn/plane.h"
#include "nn/pooling.h"
#include "nn/prelu.h"
#include "nn/resize.h"

/* A group of images at one step. */
typedef struct Work {
    Trainer *trainer;
    const Step *step;
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
    const Activation *a = &t->plan.tensors[index];
    if (activation_is_local(a))
        return t->local + w->worker * t->plan.local_length + a->offset;
    return t->batch + a->offset + w->first * a->size;
}

static const real *value_of(const Work *w, int param)
{
    const Graph *graph = w->trainer->graph;
    return param_in(graph, graph->values, w->node->param[param]);
}

static real *column_of(const Work *w)
{
    return w->trainer->column + w->worker * w->trainer->plan.column_length;
}

static void forward(const Work *w)
{
    Trainer *t = w->trainer;
    const NormState *norm = &t->norms[w->step->node];
    NodeRun run = {.y = at(w, w->step->y),
                   .x = {at(w, w->step->x[0]), at(w, w->step->x[1])},
                   .filter = step_filter(w->step, t->graph, t->filters),
                   .scale = norm->scale,
                   .shift = norm->shift,
                   .rgb = t->rgb + (size_t)w->first * graph_image_bytes(t->graph),
                   .n = w->n,
                   .column = column_of(w)};
    node_forward(t->graph, w->node, &run);
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
    const NormState *norm = &w->trainer->norms[w->step->node];
    double *sum = slice_sums(w->trainer, w->slice, w->step);
    if (w->first == w->begin)
        memset(sum, 0, 3 * (size_t)c * sizeof *sum);
    norm_sums(sum, at(w, w->step->dy), at(w, w->step->x[0]), norm->scale, norm->shift,
              value_of(w, NORM_SLOPE), norm->center, node_rows(w->node, w->n), c);
}

/* The slice's share of the gradients of the step's parameters, zero at the slice's first group. */
static real *weight_gradient(const Work *w)
{
    real *share = slice_gradient(w->trainer, w->slice, w->step);
    if (w->first == w->begin)
        memset(share, 0, node_span(w->trainer->graph, w->node).count * sizeof *share);
    return share;
}

/* The slice's share by parameter, NULL for those that are not there. */
static void gradients_of(const Work *w, real *gradient[NODE_PARAMS])
{
    const Graph *graph = w->trainer->graph;
    real *share = weight_gradient(w);
    for (int i = 0; i < NODE_PARAMS; i++)
        gradient[i] = w->node->param[i] < 0 ? NULL
                                            : share + graph->params[w->node->param[i]].offset -
                                                  node_span(graph, w->node).offset;
}

static void backward_plane(const Work *w, real *dx, const real *dy, const real *x)
{
    real *gradient[NODE_PARAMS];
    gradients_of(w, gradient);
    plane_backward(dx, gradient[NORM_GAMMA], gradient[NORM_BETA], dy, x, value_of(w, NORM_GAMMA),
                   w->n, node_size(w->node));
}

static void backward_affine(const Work *w, real *dx, const real *dy, const real *x)
{
    const NormState *norm = &w->trainer->norms[w->step->node];
    real *gradient[NODE_PARAMS];
    gradients_of(w, gradient);
    affine_backward(dx, gradient[NORM_GAMMA], gradient[NORM_BETA], gradient[NORM_SLOPE], dy, x,
                    norm->scale, norm->shift, value_of(w, NORM_SLOPE), node_rows(w->node, w->n),
                    w->node->shape.o);
}

static void backward_convolution(const Work *w, real *dx, const real *dy, const real *x)
{
    const Shape *shape = &w->node->shape;
    const real *filter = step_filter(w->step, w->trainer->graph, w->trainer->filters);
    real *dweight = weight_gradient(w), *column = column_of(w);
    if (w->node->kind == NODE_CONV) {
        conv_backward_weight(dweight, dy, x, w->n, shape, column);
        if (dx != NULL)
            conv_backward_input(dx, dy, filter, w->n, shape, column);
    } else if (w->node->kind == NODE_GROUPED) {
        grouped_backward_weight(dweight, dy, x, w->n, shape, &w->node->window, w->node->groups,
                                column);
        if (dx != NULL)
            grouped_backward_input(dx, dy, filter, w->n, shape, &w->node->window, w->node->groups,
                                   column);
    } else {
        depthwise_backward_weight(dweight, dy, x, w->n, shape);
        if (dx != NULL)
            depthwise_backward_input(dx, dy, filter, w->n, shape);
    }
}

/* The layers without parameters that only imported graphs have. */
static void backward_imported(const Work *w, real *const dx[2], const real *dy)
{
    const Node *node = w->node;
    const Shape *s = &node->shape;
    const real *x = at(w, w->step->x[0]);
    if (node->kind == NODE_MULTIPLY)
        multiply_backward(dx[0], dx[1], dy, x, at(w, w->step->x[1]), w->n, (int64_t)s->oh * s->ow,
                          node_factor_pixels(w->trainer->graph, node), s->o);
    else if (node->kind == NODE_CONCAT)
        concat_backward(dx[0], dx[1], dy, node_rows(node, w->n), s->c, s->o - s->c);
    else if (node->kind == NODE_MAXIMUM)
        maximum_backward(dx[0], dx[1], dy, x, at(w, w->step->x[1]), (size_t)w->n * node_size(node));
    else if (dx[0] == NULL)
        return;
    else if (node->kind == NODE_CHANNEL_MAX)
        channel_max_backward(dx[0], dy, x, node_rows(node, w->n), s->c);
    else if (node->kind == NODE_SELECT)
        select_backward(dx[0], dy, node_rows(node, w->n), s->o, s->c, &node->select);
    else if (node->kind == NODE_MAX_POOL)
        max_pool_backward(dx[0], dy, x, w->n, s, &node->window);
    else if (node->kind == NODE_MEAN_POOL)
        mean_pool_backward(dx[0], dy, w->n, s, &node->window, node->padded);
    else if (node->kind == NODE_PAD)
        pad_backward(dx[0], dy, w->n, s, node->window.top, node->window.left);
    else if (node->kind == NODE_UPSAMPLE)
        upsample_backward(dx[0], dy, w->n, s);
    else
        curve_backward(dx[0], dy, x, node->curve, node->constant[0], node->constant[1],
                       (size_t)w->n * node_size(node));
}

static void backward(const Work *w)
{
    const Step *step = w->step;
    const NormState *norm = &w->trainer->norms[step->node];
    real *dx[2] = {at(w, step->dx[0]), at(w, step->dx[1])};
    const real *dy = at(w, step->dy), *x = at(w, step->x[0]);
    int c = w->node->shape.o;
    for (int i = 0; i < 2; i++)
        if (step->fresh[i])
            memset(dx[i], 0, w->n * w->trainer->plan.tensors[step->dx[i]].size * sizeof *dx[i]);
    switch (w->node->kind) {
    case NODE_CONV:
    case NODE_DEPTHWISE:
    case NODE_GROUPED:
        backward_convolution(w, dx[0], dy, x);
        break;
    case NODE_NORM:
        if (dx[0] != NULL)
            norm_backward(dx[0], dy, x, norm->scale, norm->shift, value_of(w, NORM_SLOPE),
                          norm->center, norm->pull, norm->push, node_rows(w->node, w->n), c);
        break;
    case NODE_AFFINE:
        backward_affine(w, dx[0], dy, x);
        break;
    case NODE_PLANE:
        backward_plane(w, dx[0], dy, x);
        break;
    case NODE_PRELU:
        prelu_backward(dx[0], weight_gradient(w), dy, x, value_of(w, 0), node_rows(w->node, w->n),
                       c);
        break;
    case NODE_ADD:
        for (int i = 0; i < 2; i++)
            if (dx[i] != NULL)
                add_backward(dx[i], dy, (size_t)w->n * node_size(w->node));
        break;
    case NODE_INPUT:
    case NODE_LINEAR:
        break;
    default:
        backward_imported(w, dx, dy);
        break;
    }
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

void trainer_run_slice(void *arg, int64_t slice, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    int begin = slice_begin(t, slice), end = slice_begin(t, slice + 1);
    double since = profile_now(t->profile);
    for (int first = begin; first < end; first += share->phase->images) {
        int n = end - first < share->phase->images ? end - first : share->phase->images;
        for (int i = share->phase->first; i < share->phase->end; i++) {
            const Step *step = &t->plan.steps[i];
            Work work = {t,     step, &t->graph->nodes[step->node], worker, (int)slice, begin,
                         first, n};
            run_step(&work);
            since = lap(t, step, worker, since);
        }
    }
}
