#include "nn/node.h"

#include "nn/add.h"
#include "nn/concat.h"
#include "nn/conv.h"
#include "nn/depthwise.h"
#include "nn/grouped.h"
#include "nn/maximum.h"
#include "nn/multiply.h"
#include "nn/norm.h"
#include "nn/plane.h"
#include "nn/pooling.h"
#include "nn/prelu.h"
#include "nn/resize.h"

static void forward_rare(const Graph *graph, const Node *node, const NodeRun *run)
{
    const Shape *s = &node->shape;
    size_t size = (size_t)run->n * node_size(node);
    switch (node->kind) {
    case NODE_MAXIMUM:
        maximum_forward(run->y, run->x[0], run->x[1], size);
        break;
    case NODE_CHANNEL_MAX:
        channel_max_forward(run->y, run->x[0], node_rows(node, run->n), s->c);
        break;
    case NODE_SELECT:
        select_forward(run->y, run->x[0], node_rows(node, run->n), s->o, s->c, &node->select);
        break;
    case NODE_PLANE:
        plane_forward(run->y, run->x[0], param_in(graph, graph->values, node->param[NORM_GAMMA]),
                      param_in(graph, graph->values, node->param[NORM_BETA]), run->n,
                      node_size(node));
        break;
    default:
        curve_forward(run->y, run->x[0], node->curve, node->constant[0], node->constant[1], size);
        break;
    }
}

/* The layers that only imported graphs have. */
static void forward_imported(const Graph *graph, const Node *node, const NodeRun *run)
{
    const Shape *s = &node->shape;
    int64_t pixels = (int64_t)s->oh * s->ow;
    switch (node->kind) {
    case NODE_GROUPED:
        grouped_forward(run->y, run->x[0], param_in(graph, graph->values, node->param[0]), run->n,
                        s, &node->window, node->groups, run->column);
        break;
    case NODE_MAX_POOL:
        max_pool_forward(run->y, run->x[0], run->n, s, &node->window);
        break;
    case NODE_MEAN_POOL:
        mean_pool_forward(run->y, run->x[0], run->n, s, &node->window, node->padded);
        break;
    case NODE_MULTIPLY:
        multiply_forward(run->y, run->x[0], run->x[1], run->n, pixels,
                         node_factor_pixels(graph, node), s->o);
        break;
    case NODE_CONCAT:
        concat_forward(run->y, run->x[0], run->x[1], run->n * pixels, s->c, s->o - s->c);
        break;
    case NODE_PAD:
        pad_forward(run->y, run->x[0], run->n, s, node->window.top, node->window.left,
                    (real)node->constant[0]);
        break;
    case NODE_UPSAMPLE:
        upsample_forward(run->y, run->x[0], run->n, s);
        break;
    default:
        forward_rare(graph, node, run);
        break;
    }
}

void node_forward(const Graph *graph, const Node *node, const NodeRun *run)
{
    const Shape *s = &node->shape;
    const real *first = param_in(graph, graph->values, node->param[0]);
    switch (node->kind) {
    case NODE_INPUT:
        pixels_forward(run->y, run->rgb, run->n, s->oh, s->ow, &graph->pixels, run->mirror);
        break;
    case NODE_CONV:
        conv_forward(run->y, run->x[0], run->filter, run->n, s, run->column);
        break;
    case NODE_DEPTHWISE:
        depthwise_forward(run->y, run->x[0], first, run->n, s);
        break;
    case NODE_NORM:
    case NODE_AFFINE:
        norm_forward(run->y, run->x[0], run->scale, run->shift,
                     param_in(graph, graph->values, node->param[NORM_SLOPE]),
                     node_rows(node, run->n), s->o);
        break;
    case NODE_PRELU:
        prelu_forward(run->y, run->x[0], first, node_rows(node, run->n), s->o);
        break;
    case NODE_ADD:
        add_forward(run->y, run->x[0], run->x[1], (size_t)run->n * node_size(node));
        break;
    case NODE_LINEAR:
        break;
    default:
        forward_imported(graph, node, run);
        break;
    }
}
