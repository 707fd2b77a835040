/* Quantising a net to eight bits: its dense convolutions, but for the first, which reads pixels.
 *
 * What a convolution reads
 * is rounded to one of 256 levels of its range (layers/round_internal.h), its weights to 255 levels
 * for each output. The result is a net like any other, which computes in float what it computes in
 * whole numbers. */
#ifndef NN_QUANTISE_INTERNAL_H
#define NN_QUANTISE_INTERNAL_H

#include "nn/graph_internal.h"
#include "nn/infer_internal.h"

/* A quantised copy, an "imported" net. range[node_count], those of infer_ranges(); *layers: how
 * many were quantised, none is an error. NULL on failure. */
Graph *graph_quantised(const Graph *graph, const Range *range, int *layers, Err *err);

/* Whether it has layers that round. */
bool graph_rounds(const Graph *graph);

/* Marks the convolutions that can be computed in whole numbers, which kernels of PRECISION_INT8
 * then do, and counts them. Before a plan is made of the graph. */
int graph_mark_integers(Graph *graph);

#endif
