/* One node's forward pass, for training and inference alike. */
#ifndef NN_NODE_H
#define NN_NODE_H

#include "nn/graph.h"

typedef struct NodeRun {
    real *y;
    const real *x[2];
    const real *filter;        /* of a convolution, see nn/conv.h */
    const real *scale, *shift; /* of a norm */
    const uint8_t *rgb;        /* of the input node: the first of n images */
    bool mirror;
    int n;        /* images */
    real *column; /* scratch of a convolution */
} NodeRun;

/* Any node but a linear one, whose work is cut in another way. */
void node_forward(const Graph *graph, const Node *node, const NodeRun *run);

/* Pixels an image of a product's second factor: those of the first, or 1. */
static inline int64_t node_factor_pixels(const Graph *graph, const Node *node)
{
    const Shape *s = &graph->nodes[node->input[1]].shape;
    return (int64_t)s->oh * s->ow;
}

/* Rows of a tensor of n images as batch norm sees it. */
static inline int64_t node_rows(const Node *node, int n)
{
    return (int64_t)n * node->shape.oh * node->shape.ow;
}

#endif
