/* What the files that turn an ONNX graph into one of ours share; not for others.
 *
 * ONNX's tensors are N,C,H,W; ours are N,H,W,C. A value that is computed is a node of our graph
 * together with the dimensions ONNX gives it: which of the two orders its numbers have when they
 * are counted along those dimensions is noted with it, so that Flatten, Reshape and Transpose cost
 * nothing. Scales, shifts and batch norms wait with the value until something else reads it; by
 * then they have met the PReLU behind them or each other. */
#ifndef ONNX_IMPORTER_INTERNAL_H
#define ONNX_IMPORTER_INTERNAL_H

#include "nn/graph_internal.h"
#include "onnx/constant_internal.h"
#include "onnx/dictionary_internal.h"

enum {
    NAME_ROOM = 112,
    WINDOW_MAX = 4096,
    REACH_MAX = 1 << 16, /* of a window, and of the sides of a layer's output */
    CHANNELS_MAX = 1 << 18,
    /* numbers of a layer's output, an image: of a net for faces, and of a detector, which looks at
     * photographs */
    OUTPUT_MAX = 1 << 26,
    DETECTOR_OUTPUT_MAX = 1 << 28,
};

typedef enum PendingKind { PENDING_NONE, PENDING_AFFINE, PENDING_NORM } PendingKind;

/* What comes behind a node and is no node yet. */
typedef struct Pending {
    PendingKind kind;
    double *number; /* affine: scale[c], shift[c]; norm: gamma, beta, mean, variance, [c] each */
    char name[NAME_ROOM];
} Pending;

enum { SCALE, SHIFT, MEAN, VARIANCE, PENDING_ROWS };

/* Of a value in whole numbers, which QuantizeLinear made: x / step + zero. Its node has x, rounded.
 */
typedef struct Steps {
    double step; /* 0: it is not of that kind */
    int zero;
} Steps;

typedef enum ValueKind { VALUE_UNKNOWN, VALUE_CONSTANT, VALUE_COMPUTED } ValueKind;

typedef struct Value {
    ValueKind kind;
    int uses;                        /* by nodes that lead to an output, and by outputs */
    const Onnx__TensorProto *tensor; /* of an initialiser, read when it is needed */
    Constant constant;
    int node; /* of our graph */
    int rank;
    int64_t dims[CONSTANT_RANK]; /* the first is the batch */
    bool last;                   /* channels are the last to be counted, as in memory */
    Pending pending;
    Steps steps;
} Value;

/* Numbers for a parameter, in PyTorch's layout. */
typedef struct Filling {
    int param;
    const float *number;
    float *owned; /* freed with it, or NULL */
} Filling;

typedef struct Importer {
    const Onnx__GraphProto *model;
    const Onnx__ValueInfoProto *output[GRAPH_OUTPUTS]; /* that are wanted */
    size_t outputs;
    int64_t opset;
    char folder[1024];
    Graph *graph;
    Dictionary names;
    Value *value; /* by number of a name */
    int *place;   /* by number of a name: the value it stands for */
    Filling *filling;
    int filling_count, filling_room;
    int64_t batch;                   /* the first dimension of all values */
    size_t held, folded;             /* numbers of constants that were read, and computed */
    size_t filled;                   /* numbers of parameters */
    int output_max;                  /* numbers of a layer's output */
    bool scaled;                     /* the input goes through a scale and a shift first, which */
    double pixel_scale, pixel_shift; /* became part of how pixels become numbers */
    const Onnx__NodeProto *node;     /* at hand */
    size_t output_at;                /* which of its outputs is made */
    Err *err;
} Importer;

/* An operator: makes the node's outputs. */
typedef int Operator(Importer *im);

/* onnx/operators.c: NULL when it is not there. */
Operator *operator_of(const Onnx__NodeProto *node);

/* onnx/importer.c ------------------------------------------------------------------------------*/

/* "node 'NAME' (OPERATOR): ..." as an error; -1 */
int importer_fail(Importer *im, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Attributes of the node at hand. ints_of() returns how many, at most `room`; -1: not there. */
const Onnx__AttributeProto *attribute(const Importer *im, const char *name);
int64_t int_of(const Importer *im, const char *name, int64_t otherwise);
double real_of(const Importer *im, const char *name, double otherwise);
int ints_of(const Importer *im, const char *name, int64_t *values, int room);
const char *text_of(const Importer *im, const char *name, char *text, size_t size);

/* Inputs of the node at hand. has_input(): there, and not left out. The others fail with a message
 * when the input is of the other kind. */
bool has_input(const Importer *im, size_t i);
Value *input(Importer *im, size_t i); /* NULL after a failure */
Value *computed(Importer *im, size_t i);
const Constant *constant(Importer *im, size_t i);

/* Whole numbers from a constant input or an attribute: how many, or -1 after a failure. */
int whole_input(Importer *im, size_t i, int64_t *values, int room);

/* Whether anything reads the output at hand. */
bool is_wanted(Importer *im);

/* The output at hand: a constant (taken over), a value computed by the node (like `from`:
 * dimensions and order are copied), or the same as another value. */
int put_constant(Importer *im, Constant *constant);
Value *put_computed(Importer *im, int node, const Value *from);
int put_same(Importer *im, Value *value);

/* The node that has the value with all that was pending. Negative after a failure. */
int settled(Importer *im, Value *value);

/* Appends what makes scale[c] x + shift[c] of a value to it, as the node's output. */
int put_affine(Importer *im, Value *value, const double *scale, const double *shift);

/* Gives a parameter its numbers: borrowed, or (owned) to be freed; fill_from converts. */
int fill(Importer *im, int param, const float *number, float *owned);
int fill_from(Importer *im, int param, const double *number, int n);

/* A module name that is new to the graph: of an input that is an initialiser, without ".weight",
 * or of the node at hand when i is -1. */
void module_name(Importer *im, char name[NAME_ROOM], int i);

/* Sizes -----------------------------------------------------------------------------------------*/

static inline const Shape *shape_at(const Importer *im, int node)
{
    return &im->graph->nodes[node].shape;
}

static inline int channels_of(const Importer *im, const Value *value)
{
    return shape_at(im, value->node)->o;
}

/* Both orders are the same. */
bool is_orderless(const Importer *im, const Value *value);

/* N,C,H,W as in our graph; N,C of one pixel; rows of anything. */
bool is_image(const Importer *im, const Value *value);
bool is_vector(const Importer *im, const Value *value);

/* Is this dimension the channels? */
bool is_channels(const Importer *im, const Value *value, int axis);

/* Whether a constant has one number per channel, or only one. */
bool is_channelwise(const Importer *im, const Value *value, const Constant *constant);

/* number[c] of such a constant; NULL after a failure. The caller frees it. */
double *channel_numbers(Importer *im, const Value *value, const Constant *constant);

/* Whether the net may have so many more parameters, given what its file holds; fails if not. */
int check_parameters(Importer *im, size_t n);

/* Whether a layer's output is of a size that can be worked with; fails if not. */
int check_size(Importer *im, int64_t oh, int64_t ow, int64_t o);

/* A window over an image, from the node's strides, pads, dilations, auto_pad and ceil_mode. */
typedef struct Slide {
    Window window;
    int oh, ow;
    int below, beside; /* padding at the bottom and on the right */
} Slide;

int slide_of(Importer *im, Slide *slide, const Value *value, const int64_t kernel[2]);

/* The dimensions that Reshape, Flatten, Squeeze or Unsqueeze, the node at hand, gives a tensor:
 * how many, or -1 after a failure. */
int reshaped(Importer *im, int64_t out[CONSTANT_RANK], int rank, const int64_t *dims);

/* The operators, by file ------------------------------------------------------------------------*/

/* onnx/fold.c: constants from constants. foldable() is asked first, is true for Shape too. */
bool is_foldable(const Importer *im);
int fold(Importer *im);

/* onnx/quantise.c: constants, see fold() */
int fold_quantised(Importer *im, Constant *out);
int fold_dequantised(Importer *im, Constant *out);

Operator op_quantise, op_dequantise;                         /* onnx/quantise.c */
Operator op_conv, op_gemm, op_matmul, op_norm;               /* onnx/layers.c */
Operator op_pool, op_global_pool, op_pad, op_resize;         /* onnx/windows.c */
Operator op_arithmetic, op_variadic, op_pow, op_expand;      /* onnx/arithmetic.c */
Operator op_relu, op_prelu, op_clip, op_activation, op_gelu; /* onnx/elementwise.c */
Operator op_celu, op_gated, op_abs, op_neg;
Operator op_reduce, op_instance_norm, op_layer_norm, op_lp_norm; /* onnx/reduce.c */
Operator op_split, op_slice, op_gather;                          /* onnx/select.c */
Operator op_reshape, op_flatten, op_squeeze, op_transpose, op_concat, op_same,
    op_cast; /* onnx/shapes.c */

/* A value between two bounds, as the node's output (onnx/elementwise.c). */
int put_clipped(Importer *im, Value *in, double low, double high);

/* The node's output for a permutation that moves channels among themselves alone; 1 when it is
 * another (onnx/select.c). */
int put_shuffled(Importer *im, Value *in, const int64_t *perm);

/* onnx/compose.c: layers whose numbers are constants of an operator. Each appends a node behind
 * another; -1 after a failure.
 * -------------------------------------------------------------------*/

int scaled(Importer *im, int node, double scale, double shift); /* scale x + shift */
int rectified(Importer *im, int node, double slope);            /* x, or slope x below 0 */
int powered(Importer *im, int node, double exponent);
int summed(Importer *im, int node, int out,
           double weight); /* weight times a pixel's channels' sum */
int pooled(Importer *im, int node, bool mean, bool rows, bool columns); /* over all of them */

/* What is 1 high, wide or deep is repeated to that size. */
int spread(Importer *im, int node, int oh, int ow, int o);

/* The ways in which a value's dimensions can be read: N,C; N,C,H,W; N,H,W,C. */
enum { FORM_VECTOR = 1, FORM_FIRST = 2, FORM_LAST = 4 };
unsigned forms_of(const Importer *im, const Value *value);

/* The axis of rows (0), columns (1) or channels (2) in one of those forms; 0 where there is none.
 */
int64_t plane_axis(unsigned forms, int which);

/* A value that was settled is spread to these dimensions. */
int grown(Importer *im, Value *value, unsigned forms, const int64_t *dims);

#endif
