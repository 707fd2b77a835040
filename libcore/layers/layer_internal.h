/* Kinds of layer, and the nodes of a graph, which are layers.
 *
 * A kind is one file: its kernels and, at the end, a Layer that says whatever a graph, a plan, a
 * trainer or a file has to know of it. layers/kinds.c is the table of all of them. A new kind is a
 * file, a name in LayerKind, its Layer below and a line in that table (and one in
 * onnx/export_layers.c if ONNX has such an operator). */
#ifndef LAYERS_LAYER_INTERNAL_H
#define LAYERS_LAYER_INTERNAL_H

#include "layers/activation_internal.h"
#include "layers/param_internal.h"
#include "layers/pixels.h"
#include "layers/select_internal.h"
#include "layers/shape_internal.h"
#include "layers/window_internal.h"
#include "product/product_internal.h"

typedef enum LayerKind {
    LAYER_INPUT,       /* bytes to numbers, see layers/pixels.h */
    LAYER_CONV,        /* param: weight */
    LAYER_DEPTHWISE,   /* param: weight */
    LAYER_NORM,        /* param: gamma, beta, running mean and variance, count, slope or -1 */
    LAYER_PRELU,       /* param: slope */
    LAYER_ADD,         /* two inputs of the same shape */
    LAYER_LINEAR,      /* param: weight, bias or -1 */
    LAYER_AFFINE,      /* param: gamma, beta and slope, each or -1, in the places of a norm's */
    LAYER_GROUPED,     /* param: weight; a convolution with a window and groups */
    LAYER_MAX_POOL,    /* with a window */
    LAYER_MEAN_POOL,   /* with a window; padded: its padding counts */
    LAYER_MULTIPLY,    /* two inputs of the same shape, or the second one pixel */
    LAYER_CONCAT,      /* two inputs, their channels side by side */
    LAYER_PAD,         /* with constant[0], from row window.top and column window.left on */
    LAYER_UPSAMPLE,    /* pixels repeated */
    LAYER_ACTIVATION,  /* a function of each number, with constants */
    LAYER_MAXIMUM,     /* of two inputs of the same shape */
    LAYER_CHANNEL_MAX, /* the largest of a pixel's channels */
    LAYER_SELECT,      /* some channels, see layers/select_internal.h */
    LAYER_PLANE,       /* param: gamma and beta, each or -1, a number for each of an image */
    LAYER_STANDARDISE, /* over the pixels of a channel, or the channels of a pixel; constant[0]: eps
                        */
    LAYER_ROUND,       /* to whole numbers of steps, see layers/round_internal.h */
    LAYER_KINDS,       /* how many there are */
} LayerKind;

enum { NORM_GAMMA, NORM_BETA, NORM_MEAN, NORM_VAR, NORM_COUNT, NORM_SLOPE, NODE_PARAMS };

/* Bounds of what files may ask for: sides of images, strides, channels */
enum { LAYER_SIDE_MAX = 1 << 16 };

/* A layer in a graph. Below `shape` lie the settings of its kind, the others are 0. */
typedef struct Node {
    LayerKind kind;
    int input[2];           /* nodes it reads, -1 where there is none */
    int param[NODE_PARAMS]; /* indices into Graph.params, -1 where there is none */
    Shape shape;            /* oh x ow x o is the output; kernel, stride, pad of convolutions */
    Window window;          /* of all that have one, convolutions too */
    int groups;
    bool padded, over_pixels;
    bool scale, shift; /* has gamma; has beta or a bias */
    int down, across;  /* how often a pixel is repeated */
    Activation activation;
    double constant[2];
    Selection select;
    int64_t factor_pixels; /* of a product's second input */
    double dropout;        /* of a linear layer: the share of its inputs that training drops */
    double step;           /* of a LAYER_ROUND; of a convolution that is to be computed in whole */
    int low, high;         /* numbers, that of what it reads (see nn/quantise_internal.h), or 0 */
} Node;

/* Output numbers of a node, an image. */
static inline size_t node_size(const Node *node)
{
    return (size_t)node->shape.oh * node->shape.ow * node->shape.o;
}

/* Rows of a tensor of n images as batch norm sees it. */
static inline int64_t node_rows(const Node *node, int n)
{
    return (int64_t)n * node->shape.oh * node->shape.ow;
}

/* A setting that a model file keeps, in the order of Layer.fields. */
typedef enum FieldType {
    FIELD_END,
    FIELD_WHOLE,  /* an int in [min, max] */
    FIELD_FLAG,   /* a bool, 0 or 1 */
    FIELD_NUMBER, /* a double */
    FIELD_NAME,   /* of the module whose parameters these are */
    FIELD_SLOPE,  /* of the module of a PReLU behind it, or "-" */
} FieldType;

typedef struct Field {
    FieldType type;
    size_t offset; /* in Node */
    int min, max;
} Field;

/* Initialisers of fields; the second is for whole numbers from 1, as most are. */
#define FIELD_BETWEEN(member, low, high)                                                           \
    {                                                                                              \
        FIELD_WHOLE, offsetof(Node, member), (low), (high)                                         \
    }
#define FIELD_SIDE(member)                                                                         \
    {                                                                                              \
        FIELD_WHOLE, offsetof(Node, member), 1, LAYER_SIDE_MAX                                     \
    }
#define FIELD_OF(type, member)                                                                     \
    {                                                                                              \
        (type), offsetof(Node, member), 0, 0                                                       \
    }
#define FIELD_WORD(type)                                                                           \
    {                                                                                              \
        (type), 0, 0, 0                                                                            \
    }
#define FIELDS_SQUARE                                                                              \
    FIELD_SIDE(shape.o), FIELD_SIDE(shape.kernel), FIELD_SIDE(shape.stride),                       \
        FIELD_BETWEEN(shape.pad, 0, LAYER_SIDE_MAX)
#define FIELDS_WINDOW                                                                              \
    FIELD_SIDE(shape.oh), FIELD_SIDE(shape.ow), FIELD_SIDE(window.kh), FIELD_SIDE(window.kw),      \
        FIELD_SIDE(window.sh), FIELD_SIDE(window.sw), FIELD_SIDE(window.dh),                       \
        FIELD_SIDE(window.dw), FIELD_BETWEEN(window.top, 0, LAYER_SIDE_MAX),                       \
        FIELD_BETWEEN(window.left, 0, LAYER_SIDE_MAX)

/* Work for a layer: n images, forward or backward. */
typedef struct LayerRun {
    const Node *node;
    int n;                          /* images */
    const real *x[2];               /* its inputs; NULL in a backward pass that needs none */
    const real *value[NODE_PARAMS]; /* its parameters, NULL where there is none */
    const real *weight;             /* the first of them, packed if `packed` says so */
    bool packed;
    Kernels *kernels;                 /* of products; NULL: OpenBLAS */
    const real *scale, *shift;        /* of LAYER_SCALES, [c] */
    const real *center, *pull, *push; /* of LAYER_NORMALISES backward, see layers/norm_internal.h */
    real *scratch;                    /* Layer.scratch numbers */
    real *y;                          /* forward: overwritten */
    const real *dy;                   /* backward: what is given; */
    real *dx[2], *dvalue[NODE_PARAMS]; /* what is added to, NULL where nobody asks; */
    bool fresh[2];                     /* dx of LAYER_BEGINS that is to be written, not added to */
    const Pixels *pixels;              /* of the input alone: */
    const uint8_t *rgb;
    bool mirror;
} LayerRun;

typedef enum Trait {
    LAYER_CHEAP = 1 << 0,      /* computed again in the backward pass rather than kept */
    LAYER_IN_PLACE = 1 << 1,   /* may write over what it reads */
    LAYER_FORGETS = 1 << 2,    /* its gradients do not depend on what it read */
    LAYER_PASSES_ON = 1 << 3,  /* the gradient of its inputs is that of its output */
    LAYER_WEIGHTED = 1 << 4,   /* uses each weight once for every pixel of the output */
    LAYER_SCALES = 1 << 5,     /* is PReLU(scale x + shift), a scale and a shift a channel */
    LAYER_NORMALISES = 1 << 6, /* needs sums over the whole batch, forward and backward */
    LAYER_WHOLE = 1 << 7,      /* one product for the whole batch, shared out in another way */
    LAYER_ROUNDS = 1 << 8, /* a product whose bits for an image may depend on how many there are, */
                           /* unless its weights are packed */
    LAYER_BEGINS = 1 << 9, /* writes a fresh gradient of its inputs; for others it is zeroed */
} Trait;

typedef struct Layer {
    const char *name; /* in model files and profiles */
    int inputs;
    unsigned traits;
    const Field *fields; /* in model files, behind the inputs; NULL: none */

    /* Completes shape and settings from the outputs of the inputs (b is NULL when there is one);
     * false when they do not go together. */
    bool (*fit)(Node *node, const Shape *a, const Shape *b);

    /* Its parameters at their places in Node.param; init is what the weights start with. NULL:
     * none. That of NORM_SLOPE is there when the layer was given a PReLU. */
    void (*params)(Param param[NODE_PARAMS], const Node *node, Init init);

    /* NULL in layers that are LAYER_WHOLE, and what a kind does not need. */
    void (*forward)(const LayerRun *run);
    void (*backward)(const LayerRun *run);
    size_t (*scratch)(const Node *node, Kernels *kernels);

    /* Packed weights: how many numbers (0: taken as they are), in how many shares they are made,
     * and making one, for the forward pass or for the gradient of the input. NULL: never. */
    size_t (*packed)(const Node *node, Kernels *kernels, bool backward);
    int (*pack_shares)(const Node *node, Kernels *kernels, bool backward);
    void (*pack)(real *packed, const real *weight, const Node *node, Kernels *kernels,
                 bool backward, int share);
} Layer;

/* One of each kind, at the end of its file. */
extern const Layer layer_input, layer_conv, layer_depthwise, layer_norm, layer_prelu, layer_add,
    layer_linear, layer_affine, layer_grouped, layer_max_pool, layer_mean_pool, layer_multiply,
    layer_concat, layer_pad, layer_upsample, layer_activation, layer_maximum, layer_channel_max,
    layer_select, layer_plane, layer_standardise, layer_round;

#endif
