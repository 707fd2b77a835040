/* A graph that no architecture of nn/arch.h describes, as text: how model files keep it.
 *
 * A line a node in the graph's order, of words and numbers with single spaces between them:
 *
 *     conv|depthwise   IN NAME OUT KERNEL STRIDE PAD
 *     norm             IN NAME SLOPE
 *     affine           IN NAME SCALE SHIFT SLOPE
 *     prelu            IN NAME
 *     linear           IN NAME OUT BIAS
 *     grouped          IN NAME OUT GROUPS OH OW KH KW SH SW DH DW TOP LEFT
 *     maxpool|meanpool IN PADDED OH OW KH KW SH SW DH DW TOP LEFT
 *     pad              IN OH OW TOP LEFT VALUE
 *     upsample         IN DOWN ACROSS
 *     curve            IN KIND A B
 *     add|multiply|concat|maximum  IN IN
 *     channelmax       IN
 *     select           IN OUT FIRST RUN STEP JUMP
 *     plane            IN NAME SCALE SHIFT
 *     standardise      IN OVER_PIXELS EPS
 *     frozen           NAME
 *
 * IN is the number of a node, 0 being the image; NAME a module's name, as in PyTorch; SLOPE that of
 * the PReLU behind a norm or "-"; SCALE, SHIFT, BIAS and PADDED are 0 or 1; "frozen" is a parameter
 * that is not trained. */
#ifndef NN_GRAPH_TEXT_INTERNAL_H
#define NN_GRAPH_TEXT_INTERNAL_H

#include "nn/graph_internal.h"

/* The architecture of graphs that have an outline. */
#define IMPORTED "imported"

/* New memory that the caller frees; NULL on failure. */
char *graph_to_text(const Graph *graph, Err *err);

/* Appends the nodes to a graph that holds the input node alone. Nothing in the text is trusted. */
int graph_from_text(Graph *graph, const char *text, Err *err);

#endif
