#include "nn/node.h"

#include "nn/add.h"
#include "nn/conv.h"
#include "nn/depthwise.h"
#include "nn/norm.h"
#include "nn/prelu.h"

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
    }
}
