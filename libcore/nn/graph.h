/* A network as a list of nodes and one block of parameters.
 *
 * Nodes are in an order in which each comes after its inputs; node 0 is the image, the last node
 * the embedding. A node's output is h x w x c numbers an image. Parameters are named, counted and
 * shaped as in a PyTorch state_dict, but lie in one allocation, each in the layout our kernels
 * want: an optimiser, a norm or a file writer is a loop over Graph.params and a flat array. An
 * array of gradients or of momentum is another one of Graph.size numbers with the same offsets. */
#ifndef NN_GRAPH_H
#define NN_GRAPH_H

#include <stdbool.h>

#include "base/err.h"
#include "base/real.h"
#include "nn/curve.h"
#include "nn/pixels.h"
#include "nn/select.h"
#include "nn/shape.h"
#include "nn/window.h"

typedef enum NodeKind {
    NODE_INPUT,       /* bytes to numbers, see nn/pixels.h */
    NODE_CONV,        /* param: weight */
    NODE_DEPTHWISE,   /* param: weight */
    NODE_NORM,        /* param: gamma, beta, running mean and variance, count, slope or -1 */
    NODE_PRELU,       /* param: slope */
    NODE_ADD,         /* two inputs of the same shape */
    NODE_LINEAR,      /* param: weight, bias or -1 */
    NODE_AFFINE,      /* param: gamma, beta and slope, each or -1, in the places of a norm's */
    NODE_GROUPED,     /* param: weight; a convolution with a window and groups */
    NODE_MAX_POOL,    /* with a window */
    NODE_MEAN_POOL,   /* with a window; padded: its padding counts */
    NODE_MULTIPLY,    /* two inputs of the same shape, or the second one pixel */
    NODE_CONCAT,      /* two inputs, their channels side by side */
    NODE_PAD,         /* with constant[0], from row window.top and column window.left on */
    NODE_UPSAMPLE,    /* pixels repeated */
    NODE_CURVE,       /* an activation with constants */
    NODE_MAXIMUM,     /* of two inputs of the same shape */
    NODE_CHANNEL_MAX, /* the largest of a pixel's channels */
    NODE_SELECT,      /* some channels, see nn/select.h */
    NODE_PLANE,       /* param: gamma and beta, each or -1, a number for each of an image */
    NODE_KINDS,       /* how many there are */
} NodeKind;

enum { NORM_GAMMA, NORM_BETA, NORM_MEAN, NORM_VAR, NORM_COUNT, NORM_SLOPE, NODE_PARAMS };

typedef struct Node {
    NodeKind kind;
    int input[2];           /* -1 where there is none */
    Shape shape;            /* oh x ow x o is the output; kernel, stride, pad of convolutions */
    int param[NODE_PARAMS]; /* indices into Graph.params, -1 where there is none */
    Window window;
    int groups;
    bool padded;
    Curve curve;
    double constant[2];
    double dropout; /* of a linear layer: the share of its inputs that training drops */
    Selection select;
} Node;

typedef enum ParamRole {
    PARAM_WEIGHT, /* of convolutions and linear layers */
    PARAM_BIAS,   /* of linear layers */
    PARAM_NORM,   /* gamma and beta */
    PARAM_SLOPE,  /* of PReLU */
    PARAM_STATE,  /* running mean and variance: saved, never trained */
    PARAM_COUNT,  /* num_batches_tracked: an integer, in Graph.counts */
} ParamRole;

/* How a parameter starts: a constant, U(-spread, spread) or N(0, spread^2). */
typedef enum InitKind { INIT_CONSTANT, INIT_UNIFORM, INIT_NORMAL } InitKind;

typedef struct Init {
    InitKind kind;
    double value; /* the constant or the spread */
} Init;

typedef struct Param {
    char *name; /* PyTorch's */
    ParamRole role;
    int rank;         /* of PyTorch's shape */
    int64_t shape[4]; /* PyTorch's */
    bool trainable;
    Init init;
    size_t offset; /* of its first number in the block; for PARAM_COUNT in Graph.counts */
    size_t count;
    /* PyTorch lays it out as [outer][channels][taps], we as [outer][taps][channels]. */
    int64_t channels, taps;
} Param;

enum { GRAPH_OUTPUTS = 32 };

typedef struct Graph {
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
} Graph;

/* Batch normalisation's constants, everywhere PyTorch's defaults. */
#define NORM_EPS      1e-5
#define NORM_MOMENTUM 0.1

/* An empty graph with its input node for images of size x size, or h x w. NULL on failure. */
Graph *graph_new(const char *arch, int size, Err *err);
Graph *graph_new_sized(const char *arch, int h, int w, Err *err);
void graph_free(Graph *graph); /* NULL is fine */

/* Builders: each appends a node that reads node `in` and returns its number. `name` is the module's
 * in PyTorch: the parameters are name.weight and so on. How weights start is stated; biases of
 * linear layers start like their weights, norms at 1 and 0, slopes at 0.25. */
int graph_conv(Graph *graph, int in, const char *name, int out, int kernel, int stride, int pad,
               Init init);
int graph_depthwise(Graph *graph, int in, const char *name, int kernel, int stride, int pad,
                    Init init);
/* slope: the module's name of a PReLU to fuse, or NULL */
int graph_norm(Graph *graph, int in, const char *name, const char *slope);
int graph_prelu(Graph *graph, int in, const char *name);
int graph_add(Graph *graph, int a, int b);
int graph_linear(Graph *graph, int in, const char *name, int out, bool bias, Init init);

/* The last node, a linear layer, drops a share of its inputs in training. */
void graph_dropout(Graph *graph, double share);

/* Those of imported graphs (nn/graph_layers.c). oh, ow: of the output. kind: one of the pools. */
int graph_affine(Graph *graph, int in, const char *name, bool scale, bool shift, const char *slope);
int graph_grouped(Graph *graph, int in, const char *name, int out, int groups, const Window *window,
                  int oh, int ow, Init init);
int graph_pool(Graph *graph, NodeKind kind, int in, const Window *window, int oh, int ow,
               bool padded);
int graph_pad(Graph *graph, int in, int top, int left, int oh, int ow, double value);
int graph_upsample(Graph *graph, int in, int down, int across);
int graph_curve(Graph *graph, int in, Curve curve, double a, double b);
int graph_multiply(Graph *graph, int a, int b);
int graph_concat(Graph *graph, int a, int b);
int graph_maximum(Graph *graph, int a, int b);
int graph_channel_max(Graph *graph, int in);
int graph_select(Graph *graph, int in, const Selection *selection, int out);
int graph_plane(Graph *graph, int in, const char *name, bool scale, bool shift);

/* Gives the last node, a norm or affine without one, a PReLU. */
void graph_fuse_prelu(Graph *graph, const char *name);

/* A finished graph of the same nodes and parameters, whose values are zero. NULL on failure. */
Graph *graph_copy(const Graph *graph, Err *err);

/* Takes a parameter out of training (it keeps its initial value). */
void graph_freeze(Graph *graph, const char *name);

/* PyTorch's default for convolutions and linear layers: U(-1/sqrt(fan_in), 1/sqrt(fan_in)). */
Init init_fan_in(int64_t fan_in);

/* Ends building: the last node is the output; allocates values and counts (zero). */
int graph_finish(Graph *graph, Err *err);

/* Whether all parameters are finite numbers; the message names the first that is not. */
int graph_check(const Graph *graph, Err *err);

/* Draws all parameters anew; each depends on seed and on its own place in the list only. */
void graph_init(Graph *graph, uint64_t seed);

/* NULL when there is none of that name. */
const Param *graph_param(const Graph *graph, const char *name);

/* Numbers that are parameters (not running statistics), as PyTorch's numel() would count; and
 * multiply-adds of convolutions and linear layers for one image. */
size_t graph_parameter_count(const Graph *graph);
uint64_t graph_multiply_adds(const Graph *graph);
uint64_t node_multiply_adds(const Graph *graph, const Node *node); /* of one node */

/* Output numbers of a node, an image. */
static inline size_t node_size(const Node *node)
{
    return (size_t)node->shape.oh * node->shape.ow * node->shape.o;
}

/* Bytes of an input image. */
static inline size_t graph_image_bytes(const Graph *graph)
{
    return node_size(&graph->nodes[0]);
}

/* Is the forward pass PReLU(scale x + shift)? */
static inline bool node_scales(const Node *node)
{
    return node->kind == NODE_NORM || node->kind == NODE_AFFINE;
}

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

/* A parameter between our layout and PyTorch's; `torch` has param->count numbers. */
void param_to_torch(const Param *param, float *torch, const real *ours);
void param_from_torch(const Param *param, real *ours, const float *torch);

#endif
