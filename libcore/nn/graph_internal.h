/* A network as a list of nodes and one block of parameters.
 *
 * Nodes are in an order in which each comes after its inputs; node 0 is the image, the last node
 * the embedding. A node's output is h x w x c numbers an image. Parameters are named, counted and
 * shaped as in a PyTorch state_dict, but lie in one allocation, each in the layout our kernels
 * want: an optimiser, a norm or a file writer is a loop over Graph.params and a flat array. An
 * array of gradients or of momentum is another one of Graph.length numbers with the same offsets.
 */
#ifndef NN_GRAPH_INTERNAL_H
#define NN_GRAPH_INTERNAL_H

#include "layers/kinds_internal.h"
#include "nn/graph.h"

enum { GRAPH_OUTPUTS = 32 };

struct Graph {
    char *arch;
    int size, embedding; /* rows of the input image, square unless imported; of the output */
    Pixels pixels;
    Node *nodes;
    int node_count, node_room;
    Param *params;
    int param_count, param_room;
    int output[GRAPH_OUTPUTS]; /* nodes; the first is the embedding, and all a trainer knows */
    int output_count;          /* graph_finish makes the last node the one output if it is 0 */
    size_t length;             /* numbers in a block; every parameter starts at a multiple of 16 */
    size_t counters;           /* numbers in counts */
    real *values;              /* [length], 64-byte aligned; NULL until graph_finish */
    int64_t *counts;
    bool failed; /* out of memory while building; graph_finish reports it */
    int unfit;   /* the first node that does not go with its inputs, or 0; reported likewise */
};

/* An empty graph with its input node for images of size x size, or h x w. NULL on failure. */
Graph *graph_new(const char *arch, int size, Err *err);
Graph *graph_new_sized(const char *arch, int h, int w, Err *err);

/* Appends a layer: `as` says its kind, its inputs and the settings of its kind, the rest follows.
 * name is its module's in PyTorch, where it has parameters (name.weight and so on), slope that of a
 * PReLU behind a norm or an affine, or NULL; init is what its weights start with. Returns the
 * node's number. */
int graph_layer(Graph *graph, const Node *as, const char *name, const char *slope, Init init);

/* The same in short for each kind, reading node `in`. How weights start is stated; biases of linear
 * layers start like their weights, norms at 1 and 0, slopes at 0.25. */
int graph_conv(Graph *graph, int in, const char *name, int out, int kernel, int stride, int pad,
               Init init);
int graph_depthwise(Graph *graph, int in, const char *name, int kernel, int stride, int pad,
                    Init init);
int graph_norm(Graph *graph, int in, const char *name, const char *slope);
int graph_prelu(Graph *graph, int in, const char *name);
int graph_linear(Graph *graph, int in, const char *name, int out, bool bias, Init init);
int graph_affine(Graph *graph, int in, const char *name, bool scale, bool shift, const char *slope);
int graph_plane(Graph *graph, int in, const char *name, bool scale, bool shift);
/* oh, ow: of the output */
int graph_grouped(Graph *graph, int in, const char *name, int out, int groups, const Window *window,
                  int oh, int ow, Init init);
/* kind: one of the pools */
int graph_pool(Graph *graph, LayerKind kind, int in, const Window *window, int oh, int ow,
               bool padded);
int graph_pad(Graph *graph, int in, int top, int left, int oh, int ow, double value);
int graph_upsample(Graph *graph, int in, int down, int across);
int graph_activation(Graph *graph, int in, Activation activation, double a, double b);
int graph_channel_max(Graph *graph, int in);
int graph_round(Graph *graph, int in, double step, int low, int high);
int graph_select(Graph *graph, int in, const Selection *selection, int out);
int graph_add(Graph *graph, int a, int b);
int graph_multiply(Graph *graph, int a, int b);
int graph_concat(Graph *graph, int a, int b);
int graph_maximum(Graph *graph, int a, int b);

/* The last node, a linear layer, drops a share of its inputs in training. */
void graph_dropout(Graph *graph, double share);

/* Gives the last node, a norm or affine without one, a PReLU. */
void graph_fuse_prelu(Graph *graph, const char *name);

/* Takes a parameter out of training (it keeps its initial value). */
void graph_freeze(Graph *graph, const char *name);

/* PyTorch's default for convolutions and linear layers: U(-1/sqrt(fan_in), 1/sqrt(fan_in)). */
Init init_fan_in(int64_t fan_in);

/* Ends building: the last node is the output; allocates values and counts (zero). */
int graph_finish(Graph *graph, Err *err);

/* NULL when there is none of that name. */
const Param *graph_param(const Graph *graph, const char *name);

/* Multiply-adds of one node for one image. */
uint64_t node_multiply_adds(const Graph *graph, const Node *node);

/* The numbers of a block laid out like graph->values from a node's first trainable parameter to
 * the end of its last one; count is 0 when it has none. (A norm's are not all its own kind.) */
typedef struct Span {
    size_t offset, count;
} Span;

Span node_span(const Graph *graph, const Node *node);

/* A parameter's numbers, from a block laid out like graph->values; NULL for index -1. */
static inline real *param_in(const Graph *graph, real *block, int index)
{
    return index < 0 ? NULL : block + graph->params[index].offset;
}

/* All parameters of a node, NULL where it has none. */
static inline void node_values(const Graph *graph, const Node *node, const real *value[NODE_PARAMS])
{
    for (int i = 0; i < NODE_PARAMS; i++)
        value[i] = param_in(graph, graph->values, node->param[i]);
}

/* A parameter between our layout and PyTorch's; `torch` has param->count numbers. */
void param_to_torch(const Param *param, float *torch, const real *ours);
void param_from_torch(const Param *param, real *ours, const float *torch);

#endif
