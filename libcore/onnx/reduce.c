/* Reductions, and what is made of them: norms of layers, of instances, of vectors. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onnx/importer_internal.h"

/* Which of a value's axes are reduced. */
typedef struct Reduced {
    unsigned axes; /* a bit for each */
    int channels;  /* the axis of channels, 0 if there is none */
} Reduced;

static bool is_reduced(const Reduced *r, int axis)
{
    return (r->axes >> axis & 1) != 0;
}

static int channels_axis(const Importer *im, const Value *in)
{
    for (int i = 1; i < in->rank; i++)
        if (is_channels(im, in, i))
            return i;
    return 0;
}

static int reduced_axes(Importer *im, Reduced *r, const Value *in)
{
    int64_t axes[CONSTANT_RANK];
    int n = has_input(im, 1) ? whole_input(im, 1, axes, CONSTANT_RANK)
                             : ints_of(im, "axes", axes, CONSTANT_RANK);
    if (err_is_set(im->err))
        return -1;
    *r = (Reduced){.channels = channels_axis(im, in)};
    if (n < 1 || n > CONSTANT_RANK)
        return importer_fail(im, "it has no axes, and would mix the images of a batch");
    for (int i = 0; i < n; i++) {
        int64_t axis = axes[i] < 0 ? axes[i] + in->rank : axes[i];
        if (axis < 1 || axis >= in->rank)
            return importer_fail(im, "its axis %" PRId64 " does not exist, or is the batch's",
                                 axes[i]);
        r->axes |= 1u << axis;
    }
    return r->channels > 0 ? 0
                           : importer_fail(im, "it is not known which of its axes are channels");
}

/* Whether rows and columns are reduced: both, or one where it is known which is which. */
static int reduced_sides(Importer *im, const Reduced *r, const Value *in, bool side[2])
{
    int have = 0, want = 0;
    for (int i = 1; i < in->rank; i++)
        if (i != r->channels && in->dims[i] > 1) {
            have++;
            want += is_reduced(r, i);
        }
    side[0] = side[1] = want > 0;
    if (want == have || want == 0)
        return 0;
    unsigned forms = forms_of(im, in);
    if ((forms & (FORM_FIRST | FORM_LAST)) == 0)
        return importer_fail(im, "it reduces some axes of an image, and it is not known which");
    for (int i = 0; i < 2; i++)
        side[i] = is_reduced(r, (int)plane_axis(forms, i));
    return 0;
}

typedef enum Kind { KIND_MEAN, KIND_SUM, KIND_MOST, KIND_LEAST } Kind;

static int reduce_node(Importer *im, int node, Kind kind, const bool side[2], bool channels)
{
    const Shape s = *shape_at(im, node);
    double count = (side[0] ? s.oh : 1.0) * (side[1] ? s.ow : 1.0);
    bool largest = kind == KIND_MOST || kind == KIND_LEAST;
    if (kind == KIND_LEAST)
        node = scaled(im, node, -1, 0);
    if (node >= 0 && (side[0] || side[1]))
        node = pooled(im, node, !largest, side[0], side[1]);
    if (node >= 0 && channels)
        node = largest ? graph_channel_max(im->graph, node)
                       : summed(im, node, 1, kind == KIND_MEAN ? 1.0 / s.o : count);
    else if (node >= 0 && kind == KIND_SUM && count > 1)
        node = scaled(im, node, count, 0);
    return node >= 0 && kind == KIND_LEAST ? scaled(im, node, -1, 0) : node;
}

/* What is done before: |x|, x x; and behind: the root. */
static int reduce_value(Importer *im, int node, const bool side[2], bool channels)
{
    const char *name = im->node->op_type + strlen("Reduce");
    bool squares = strcmp(name, "L2") == 0 || strcmp(name, "SumSquare") == 0;
    Kind kind = strcmp(name, "Mean") == 0  ? KIND_MEAN
                : strcmp(name, "Max") == 0 ? KIND_MOST
                : strcmp(name, "Min") == 0 ? KIND_LEAST
                                           : KIND_SUM;
    if (squares)
        node = graph_multiply(im->graph, node, node);
    if (strcmp(name, "L1") == 0)
        node = rectified(im, node, -1);
    if (node >= 0)
        node = reduce_node(im, node, kind, side, channels);
    return node >= 0 && strcmp(name, "L2") == 0 ? powered(im, node, 0.5) : node;
}

int op_reduce(Importer *im)
{
    Reduced r = {0};
    bool side[2];
    Value *in = computed(im, 0);
    if (in == NULL || reduced_axes(im, &r, in) != 0 || reduced_sides(im, &r, in, side) != 0)
        return -1;
    int node = settled(im, in);
    if (node >= 0)
        node = reduce_value(im, node, side, is_reduced(&r, r.channels));
    Value *out = node >= 0 ? put_computed(im, node, in) : NULL;
    if (out == NULL)
        return -1;
    bool keep = int_of(im, "keepdims", 1) != 0;
    int to = 1;
    for (int i = 1; i < in->rank; i++)
        if (keep || !is_reduced(&r, i))
            out->dims[to++] = is_reduced(&r, i) ? 1 : in->dims[i];
    out->rank = to;
    return 0;
}

/* Over each channel's pixels, or each pixel's channels */
static int standardised(Importer *im, int node, bool over_pixels)
{
    Node as = {.kind = LAYER_STANDARDISE,
               .input = {node},
               .over_pixels = over_pixels,
               .constant = {real_of(im, "epsilon", 1e-5)}};
    return graph_layer(im->graph, &as, NULL, NULL, (Init){INIT_CONSTANT, 0});
}

/* The scale and shift behind a norm, inputs 1 and 2. */
static int put_normalised(Importer *im, Value *in, int node)
{
    Value normal = *in;
    int c = channels_of(im, in);
    const Constant *gamma = constant(im, 1), *beta = has_input(im, 2) ? constant(im, 2) : NULL;
    if (node < 0 || gamma == NULL || err_is_set(im->err))
        return -1;
    if (gamma->count != (size_t)c || (beta != NULL && beta->count != (size_t)c))
        return importer_fail(im, "its scale and shift do not have %d numbers", c);
    double *number = malloc(2 * (size_t)c * sizeof *number);
    if (number == NULL)
        return err_memory(im->err, "a network", 2 * (size_t)c * sizeof *number);
    for (int j = 0; j < c; j++) {
        number[j] = constant_at(gamma, (size_t)j);
        number[c + j] = beta != NULL ? constant_at(beta, (size_t)j) : 0;
    }
    normal.node = node;
    normal.uses = 1;
    int rc = put_affine(im, &normal, number, number + c);
    free(number);
    return rc;
}

int op_instance_norm(Importer *im)
{
    Value *in = computed(im, 0);
    if (in == NULL)
        return -1;
    if ((forms_of(im, in) & FORM_FIRST) == 0)
        return importer_fail(im, "its input is not an image");
    int node = settled(im, in);
    if (node >= 0)
        node = standardised(im, node, true);
    return put_normalised(im, in, node);
}

int op_layer_norm(Importer *im)
{
    Value *in = computed(im, 0);
    if (in == NULL)
        return -1;
    int64_t axis = int_of(im, "axis", -1);
    axis += axis < 0 ? in->rank : 0;
    if (axis != in->rank - 1 || axis < 1 || !is_channels(im, in, (int)axis))
        return importer_fail(im, "it is over axes other than the channels, the last");
    int node = settled(im, in);
    if (node >= 0)
        node = standardised(im, node, false);
    return put_normalised(im, in, node);
}

/* x / |x|, 0 for 0: squares below this count as it, and 0 times its root is 0. */
#define LEAST_SUM 1e-37

int op_lp_norm(Importer *im)
{
    Value *in = computed(im, 0);
    if (in == NULL)
        return -1;
    int64_t axis = int_of(im, "axis", -1), p = int_of(im, "p", 2);
    axis += axis < 0 ? in->rank : 0;
    if (axis < 1 || axis >= in->rank || !is_channels(im, in, (int)axis) || (p != 1 && p != 2))
        return importer_fail(im,
                             "it is over axes other than the channels, or p is neither 1 nor 2");
    int node = settled(im, in);
    if (node < 0)
        return -1;
    const Shape s = *shape_at(im, node);
    int sum = p == 2 ? graph_multiply(im->graph, node, node) : rectified(im, node, -1);
    sum = sum >= 0 ? summed(im, sum, 1, 1) : -1;
    if (sum < 0)
        return -1;
    sum = graph_activation(im->graph, sum, ACTIVATION_CLIP, LEAST_SUM, INFINITY);
    sum = spread(im, powered(im, sum, p == 2 ? -0.5 : -1), s.oh, s.ow, s.o);
    if (sum < 0)
        return -1;
    node = graph_multiply(im->graph, node, sum);
    return put_computed(im, node, in) != NULL ? 0 : -1;
}
