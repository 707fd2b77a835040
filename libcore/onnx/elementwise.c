/* Operators that treat every number alike, or every channel. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onnx/importer_internal.h"

/* A PReLU: part of the scale or norm before it where there is one for it alone. */
static int put_prelu(Importer *im, Value *value, const double *slope, const char *name,
                     bool trained)
{
    Graph *graph = im->graph;
    int node = settled(im, value), param, c;
    if (node < 0)
        return -1;
    c = graph->nodes[node].shape.o;
    if (value->uses == 1 && node == graph->node_count - 1 &&
        node_is(&graph->nodes[node], LAYER_SCALES) && graph->nodes[node].param[NORM_SLOPE] < 0) {
        graph_fuse_prelu(graph, name);
        param = graph->nodes[node].param[NORM_SLOPE];
    } else {
        node = graph_prelu(graph, node, name);
        param = graph->nodes[node].param[0];
    }
    if (fill_from(im, param, slope, c) != 0)
        return -1;
    graph->params[param].trainable = trained;
    return put_computed(im, node, value) != NULL ? 0 : -1;
}

static int put_relu(Importer *im, Value *value, double alpha)
{
    char name[NAME_ROOM];
    int c = channels_of(im, value);
    double *slope = malloc((size_t)c * sizeof *slope);
    for (int j = 0; slope != NULL && j < c; j++)
        slope[j] = alpha;
    module_name(im, name, -1);
    int rc = slope != NULL ? put_prelu(im, value, slope, name, false)
                           : err_memory(im->err, "a network", (size_t)c * sizeof *slope);
    free(slope);
    return rc;
}

int op_relu(Importer *im)
{
    Value *in = computed(im, 0);
    double alpha = im->node->op_type[0] == 'L' ? real_of(im, "alpha", 0.01) : 0;
    return in != NULL ? put_relu(im, in, alpha) : -1;
}

/* A slope of [C] counts channels, whatever broadcasting says: exporters were known to write it. */
static double *slopes_of(Importer *im, const Value *in, const Constant *slope)
{
    Constant each = *slope;
    if (slope->rank == 1 && slope->dims[0] == channels_of(im, in) && in->rank > 2 && !in->last) {
        each.rank = in->rank - 1;
        for (int d = 1; d < each.rank; d++)
            each.dims[d] = 1;
    }
    return channel_numbers(im, in, &each);
}

int op_prelu(Importer *im)
{
    char name[NAME_ROOM];
    Value *in = computed(im, 0);
    const Constant *slope = in != NULL ? constant(im, 1) : NULL;
    double *number = slope != NULL ? slopes_of(im, in, slope) : NULL;
    if (number == NULL)
        return -1;
    module_name(im, name, 1);
    int rc = put_prelu(im, in, number, name, true);
    free(number);
    return rc;
}

static int put_activation(Importer *im, Value *in, Activation activation, double a, double b)
{
    bool sound =
        activation == ACTIVATION_CLIP ? !isnan(a) && !isnan(b) : isfinite(a) && isfinite(b);
    if (!sound)
        return importer_fail(im, "its constants are not numbers");
    int node = settled(im, in);
    if (node < 0)
        return -1;
    node = graph_activation(im->graph, node, activation, a, b);
    return put_computed(im, node, in) != NULL ? 0 : -1;
}

/* The activations, with their constants: attributes, or what they are if they are not there. */
typedef struct ActivationEntry {
    const char *name;
    Activation activation;
    const char *attribute[2];
    double otherwise[2];
} ActivationEntry;

static const ActivationEntry activations[] = {
    {"Elu", ACTIVATION_ELU, {"alpha", NULL}, {1, 1}},
    {"Erf", ACTIVATION_ERF, {NULL, NULL}, {0, 0}},
    {"Exp", ACTIVATION_EXP, {NULL, NULL}, {0, 0}},
    {"HardSigmoid", ACTIVATION_HARD_SIGMOID, {"alpha", "beta"}, {0.2, 0.5}},
    {"HardSwish", ACTIVATION_HARD_SWISH, {NULL, NULL}, {0, 0}},
    {"Log", ACTIVATION_LOG, {NULL, NULL}, {0, 0}},
    {"Reciprocal", ACTIVATION_POWER, {NULL, NULL}, {-1, 0}},
    {"Selu",
     ACTIVATION_ELU,
     {"alpha", "gamma"},
     {1.67326319217681884765625, 1.05070102214813232421875}},
    {"Sigmoid", ACTIVATION_SIGMOID, {NULL, NULL}, {0, 0}},
    {"Softplus", ACTIVATION_SOFTPLUS, {NULL, NULL}, {0, 0}},
    {"Softsign", ACTIVATION_SOFTSIGN, {NULL, NULL}, {0, 0}},
    {"Sqrt", ACTIVATION_POWER, {NULL, NULL}, {0.5, 0}},
    {"Tanh", ACTIVATION_TANH, {NULL, NULL}, {0, 0}},
};

int op_activation(Importer *im)
{
    const ActivationEntry *entry = activations;
    double number[2];
    Value *in = computed(im, 0);
    if (in == NULL)
        return -1;
    while (strcmp(entry->name, im->node->op_type) != 0)
        entry++;
    for (int i = 0; i < 2; i++)
        number[i] = entry->attribute[i] == NULL
                        ? entry->otherwise[i]
                        : real_of(im, entry->attribute[i], entry->otherwise[i]);
    return put_activation(im, in, entry->activation, number[0], number[1]);
}

int op_gelu(Importer *im)
{
    char way[16] = "none";
    Value *in = computed(im, 0);
    text_of(im, "approximate", way, sizeof way);
    return in != NULL ? put_activation(im, in, ACTIVATION_GELU, strcmp(way, "tanh") == 0, 0) : -1;
}

/* max(0, x) + min(0, alpha (exp(x / alpha) - 1)): an ELU of x / alpha, times alpha */
int op_celu(Importer *im)
{
    double alpha = real_of(im, "alpha", 1);
    Value *in = computed(im, 0);
    int node = in != NULL ? settled(im, in) : -1;
    if (node < 0)
        return -1;
    if (!isfinite(alpha) || alpha == 0)
        return importer_fail(im, "its constants are not numbers");
    node = scaled(im, node, 1 / alpha, 0);
    if (node < 0)
        return -1;
    node = graph_activation(im->graph, node, ACTIVATION_ELU, 1, alpha);
    return put_computed(im, node, in) != NULL ? 0 : -1;
}

/* x tanh(softplus(x)), x sigmoid(alpha x) */
int op_gated(Importer *im)
{
    bool mish = im->node->op_type[0] == 'M';
    double alpha = real_of(im, "alpha", 1);
    Value *in = computed(im, 0);
    int node = in != NULL ? settled(im, in) : -1;
    if (node < 0)
        return -1;
    if (!isfinite(alpha))
        return importer_fail(im, "its constants are not numbers");
    int gate = mish         ? graph_activation(im->graph, node, ACTIVATION_SOFTPLUS, 0, 0)
               : alpha != 1 ? scaled(im, node, alpha, 0)
                            : node;
    if (gate < 0)
        return -1;
    gate = graph_activation(im->graph, gate, mish ? ACTIVATION_TANH : ACTIVATION_SIGMOID, 0, 0);
    return put_computed(im, graph_multiply(im->graph, node, gate), in) != NULL ? 0 : -1;
}

int op_abs(Importer *im)
{
    Value *in = computed(im, 0);
    return in != NULL ? put_relu(im, in, -1) : -1;
}

int op_neg(Importer *im)
{
    Value *in = computed(im, 0);
    size_t c = in != NULL ? (size_t)channels_of(im, in) : 0;
    double *number = in != NULL ? calloc(2 * c, sizeof *number) : NULL;
    if (number == NULL)
        return in != NULL ? err_memory(im->err, "a network", 2 * c * sizeof *number) : -1;
    for (size_t j = 0; j < c; j++)
        number[j] = -1;
    int rc = put_affine(im, in, number, number + c);
    free(number);
    return rc;
}

/* A bound of Clip: an attribute, since opset 11 an input. */
static int bound(Importer *im, size_t i, const char *name, double *value)
{
    *value = real_of(im, name, *value);
    if (!has_input(im, i))
        return 0;
    const Constant *number = constant(im, i);
    if (number == NULL)
        return -1;
    if (number->count != 1)
        return importer_fail(im, "its bound is not one number");
    *value = constant_at(number, 0);
    return 0;
}

int put_clipped(Importer *im, Value *in, double low, double high)
{
    const double most = 3.4e38;
    if (low <= -most && high >= most)
        return put_same(im, in);
    if (low == 0 && high >= most)
        return put_relu(im, in, 0);
    return put_activation(im, in, ACTIVATION_CLIP, low, high);
}

int op_clip(Importer *im)
{
    double low = -INFINITY, high = INFINITY;
    Value *in = computed(im, 0);
    if (in == NULL || bound(im, 1, "min", &low) != 0 || bound(im, 2, "max", &high) != 0)
        return -1;
    return put_clipped(im, in, low, high);
}
