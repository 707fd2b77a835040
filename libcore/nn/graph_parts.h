/* What the files that build graphs share; not for others. */
#ifndef NN_GRAPH_PARTS_H
#define NN_GRAPH_PARTS_H

#include "nn/graph.h"

/* Appends a parameter of the given PyTorch shape (rank numbers, the rest 0), called module.leaf,
 * and returns its index; -1, and the graph has failed, without memory. */
int graph_add_param(Graph *graph, const char *module, const char *leaf, Param param);
int graph_add_vector(Graph *graph, const char *module, const char *leaf, ParamRole role, int n,
                     Init init);

/* Appends a node without parameters that reads nodes a and b (-1: none); returns its number. */
int graph_add_node(Graph *graph, NodeKind kind, int a, int b, Shape shape);

/* The shape of a layer that keeps the image it reads. */
Shape graph_same_shape(const Graph *graph, int in);

#endif
