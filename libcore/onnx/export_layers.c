/* A node of ours as nodes of ONNX. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layers/conv_integer_internal.h"
#include "layers/norm_internal.h"
#include "onnx/exporter_internal.h"

static const Node *node_at(const Export *x, int node)
{
    return &x->graph->nodes[node];
}

static const char *param_name(const Export *x, int param)
{
    return x->graph->params[param].name;
}

/* Scales and shifts -----------------------------------------------------------------------------*/

/* number[c] of a parameter, or a constant where there is none */
static double number_of(const Export *x, const Node *node, int which, int j, double otherwise)
{
    const real *from = param_in(x->graph, x->graph->values, node->param[which]);
    return from != NULL ? from[j] : otherwise;
}

static double scale_of(const Export *x, int n, int j)
{
    const Node *node = n < 0 ? NULL : node_at(x, n);
    if (node == NULL)
        return 1;
    double gamma = number_of(x, node, NORM_GAMMA, j, 1);
    return node_is(node, LAYER_NORMALISES)
               ? gamma / sqrt(number_of(x, node, NORM_VAR, j, 1) + NORM_EPS)
               : gamma;
}

static double shift_of(const Export *x, int n, int j)
{
    const Node *node = n < 0 ? NULL : node_at(x, n);
    if (node == NULL)
        return 0;
    double beta = number_of(x, node, NORM_BETA, j, 0);
    return node_is(node, LAYER_NORMALISES)
               ? beta - scale_of(x, n, j) * number_of(x, node, NORM_MEAN, j, 0)
               : beta;
}

/* An initialiser of a vector parameter: [c], or [c,1,1] beside images. */
static void put_vector(Export *x, int param, int rank)
{
    const Param *p = &x->graph->params[param];
    const int64_t dims[3] = {(int64_t)p->count, 1, 1};
    float *to = message_floats(&x->m, p->name, rank == 4 ? 3 : 1, dims);
    if (to != NULL)
        param_to_torch(p, to, x->graph->values + p->offset);
}

static void put_prelu(Export *x, int n, ValueName in, int param)
{
    const Param *p = &x->graph->params[param];
    const real *slope = x->graph->values + p->offset;
    bool same = !p->trainable;
    for (size_t j = 1; j < p->count; j++)
        same = same && slope[j] == slope[0];
    if (!same) {
        put_vector(x, param, x->written[n].rank);
        export_put(x, n, "PRelu", export_names(in.text, p->name, NULL));
        return;
    }
    export_put(x, n, slope[0] == 0 ? "Relu" : "LeakyRelu", in);
    if (slope[0] != 0)
        message_float(&x->m, "alpha", slope[0]);
}

static void put_norm(Export *x, int n, ValueName in)
{
    const Node *node = node_at(x, n);
    static const int order[] = {NORM_GAMMA, NORM_BETA, NORM_MEAN, NORM_VAR};
    char inputs[5 * VALUE_NAME_ROOM];
    int at = snprintf(inputs, sizeof inputs, "%s", in.text);
    for (int i = 0; i < 4; i++) {
        put_vector(x, node->param[order[i]], 2);
        at += snprintf(inputs + at, sizeof inputs - (size_t)at, " %.180s",
                       param_name(x, node->param[order[i]]));
    }
    x->written[n].value = export_fresh(x);
    message_node(&x->m, "BatchNormalization", inputs, x->written[n].value.text);
    message_float(&x->m, "epsilon", NORM_EPS);
}

static void put_affine(Export *x, int n, ValueName in)
{
    static const char *const op[] = {[NORM_GAMMA] = "Mul", [NORM_BETA] = "Add"};
    x->written[n].value = in;
    for (int i = NORM_GAMMA; i <= NORM_BETA; i++) {
        int param = node_at(x, n)->param[i];
        if (param < 0)
            continue;
        put_vector(x, param, x->written[n].rank);
        export_put(x, n, op[i], export_names(x->written[n].value.text, param_name(x, param), NULL));
    }
}

static void put_scaled(Export *x, int n)
{
    const Node *node = node_at(x, n);
    int in = node->input[0], slope = node->param[NORM_SLOPE];
    x->written[n].rank = x->written[in].rank;
    if (x->written[n].taken)
        x->written[n].value = x->written[in].value;
    else if (node_is(node, LAYER_NORMALISES))
        put_norm(x, n, x->written[in].value);
    else
        put_affine(x, n, x->written[in].value);
    if (slope >= 0)
        put_prelu(x, n, x->written[n].value, slope);
}

/* Weights ---------------------------------------------------------------------------------------*/

/* Whether a layer's weights are written as whole numbers of steps, which a scale for each output
 * needs opset 13 for. In float they are the same. */
static bool in_steps(const Export *x, int n)
{
    const Node *node = node_at(x, n);
    return node->kind == LAYER_CONV && node_at(x, node->input[0])->kind == LAYER_ROUND &&
           x->options.opset >= 13 &&
           conv_integer_fits(param_in(x->graph, x->graph->values, node->param[0]), &node->shape);
}

/* A name with an ending */
static ValueName ended(const char *name, const char *end)
{
    ValueName ended;
    snprintf(ended.text, sizeof ended.text, "%.400s%s", name, end);
    return ended;
}

/* The weights in whole numbers, and their scales, with what was folded into them: a sign of which
 * goes to the numbers. */
static void fill_steps(Export *x, int n, int8_t *whole, float *scale)
{
    const Param *p = &x->graph->params[node_at(x, n)->param[0]];
    const real *weight = x->graph->values + p->offset;
    int64_t each = (int64_t)p->count / p->shape[0];
    float *torch = malloc(p->count * sizeof *torch);
    if (torch != NULL)
        param_to_torch(p, torch, weight);
    else
        x->m.failed = true;
    for (int64_t j = 0; torch != NULL && j < p->shape[0]; j++) {
        double step = conv_integer_step(weight + j * each, each);
        double folded = scale_of(x, x->written[n].folded, (int)j);
        scale[j] = folded != 0 ? (float)(step * fabs(folded)) : 1;
        for (int64_t i = j * each; i < (j + 1) * each; i++)
            whole[i] = (int8_t)(rint(torch[i] / step) * ((folded > 0) - (folded < 0)));
    }
    free(torch);
}

static void put_steps(Export *x, int n)
{
    const Param *p = &x->graph->params[node_at(x, n)->param[0]];
    ValueName whole = ended(p->name, "_quantized"), scale = ended(p->name, "_scale");
    int8_t *to = message_bytes(&x->m, whole.text, p->rank, p->shape);
    float *steps = message_floats(&x->m, scale.text, 1, p->shape);
    if (to != NULL && steps != NULL)
        fill_steps(x, n, to, steps);
    message_node(&x->m, "DequantizeLinear", export_names(whole.text, scale.text, NULL).text,
                 p->name);
    message_int(&x->m, "axis", 0);
}

/* The weights times the scale that was folded into them. */
static void put_weights(Export *x, int n)
{
    const Param *p = &x->graph->params[node_at(x, n)->param[0]];
    if (in_steps(x, n)) {
        put_steps(x, n);
        return;
    }
    float *to = message_floats(&x->m, p->name, p->rank, p->shape);
    if (to == NULL)
        return;
    param_to_torch(p, to, x->graph->values + p->offset);
    size_t each = p->count / (size_t)p->shape[0];
    for (size_t i = 0; i < p->count; i++)
        to[i] = (float)(to[i] * scale_of(x, x->written[n].folded, (int)(i / each)));
}

/* The bias that a layer has itself or by what was folded into it: its name, "" if there is none. */
static ValueName put_bias(Export *x, int n, bool always)
{
    const Node *node = node_at(x, n);
    int folded = x->written[n].folded, own = node->kind == LAYER_LINEAR ? node->param[1] : -1;
    int beta = folded >= 0 ? node_at(x, folded)->param[NORM_BETA] : -1;
    ValueName name = {""};
    if (own < 0 && beta < 0 && !always)
        return name;
    if (own >= 0 || beta >= 0)
        snprintf(name.text, sizeof name.text, "%.150s", param_name(x, own >= 0 ? own : beta));
    else
        name = export_fresh(x);
    int64_t count = node->shape.o;
    float *to = message_floats(&x->m, name.text, 1, &count);
    for (int j = 0; to != NULL && j < count; j++) {
        double b = own >= 0 ? param_in(x->graph, x->graph->values, own)[j] : 0;
        to[j] = (float)(b * scale_of(x, folded, j) + shift_of(x, folded, j));
    }
    return name;
}

static int64_t positive(int64_t n)
{
    return n > 0 ? n : 0;
}

/* The geometry of a window, with as much padding behind as the output's size needs. */
static void put_window(Export *x, const Shape *s, const Window *w, bool dilated)
{
    const int64_t kernel[2] = {w->kh, w->kw}, strides[2] = {w->sh, w->sw},
                  dilations[2] = {w->dh, w->dw};
    const int64_t pads[4] = {
        w->top, w->left, positive((s->oh - 1) * w->sh + (w->kh - 1) * w->dh + 1 - s->h - w->top),
        positive((s->ow - 1) * w->sw + (w->kw - 1) * w->dw + 1 - s->w - w->left)};
    message_ints(&x->m, "kernel_shape", kernel, 2);
    message_ints(&x->m, "strides", strides, 2);
    message_ints(&x->m, "pads", pads, 4);
    if (dilated)
        message_ints(&x->m, "dilations", dilations, 2);
}

static void put_conv(Export *x, int n)
{
    const Node *node = node_at(x, n);
    const Shape *s = &node->shape;
    bool grouped = node->kind == LAYER_GROUPED;
    Window square = {s->kernel, s->kernel, s->stride, s->stride, 1, 1, s->pad, s->pad};
    Window w = grouped ? node->window : square;
    ValueName in = export_input(x, n, 0, 4);
    put_weights(x, n);
    ValueName bias = put_bias(x, n, false);
    export_put(x, n, "Conv",
               export_names(in.text, param_name(x, node->param[0]),
                            bias.text[0] != '\0' ? bias.text : NULL));
    put_window(x, s, &w, true);
    message_int(&x->m, "group", grouped ? node->groups : node->kind == LAYER_CONV ? 1 : s->o);
}

static void put_linear(Export *x, int n)
{
    ValueName in = export_input(x, n, 0, 2);
    put_weights(x, n);
    ValueName bias = put_bias(x, n, true);
    export_put(x, n, "Gemm",
               export_names(in.text, param_name(x, node_at(x, n)->param[0]), bias.text));
    message_int(&x->m, "transB", 1);
    x->written[n].rank = 2;
}

static void put_lone_prelu(Export *x, int n)
{
    const Node *node = node_at(x, n);
    put_prelu(x, n, x->written[node->input[0]].value, node->param[0]);
}

/* Other layers ----------------------------------------------------------------------------------*/

static void put_pair(Export *x, int n)
{
    static const char *const op[LAYER_KINDS] = {[LAYER_ADD] = "Add",
                                                [LAYER_MULTIPLY] = "Mul",
                                                [LAYER_MAXIMUM] = "Max",
                                                [LAYER_CONCAT] = "Concat"};
    const Node *node = node_at(x, n);
    int rank = x->written[node->input[0]].rank == 2 && x->written[node->input[1]].rank == 2 ? 2 : 4;
    ValueName a = export_input(x, n, 0, rank), b = export_input(x, n, 1, rank);
    export_put(x, n, op[node->kind], export_names(a.text, b.text, NULL));
    x->written[n].rank = rank;
    if (node->kind == LAYER_CONCAT)
        message_int(&x->m, "axis", 1);
}

static void put_pool(Export *x, int n)
{
    const Node *node = node_at(x, n);
    const Shape *s = &node->shape;
    const Window *w = &node->window;
    bool mean = node->kind == LAYER_MEAN_POOL;
    ValueName in = export_input(x, n, 0, 4);
    if (mean && s->oh == 1 && s->ow == 1 && w->kh == s->h && w->kw == s->w && w->top == 0 &&
        w->left == 0) {
        export_put(x, n, "GlobalAveragePool", in);
        return;
    }
    bool dilated = w->dh > 1 || w->dw > 1;
    export_put(x, n, mean ? "AveragePool" : "MaxPool", in);
    put_window(x, s, w, dilated);
    if (mean)
        message_int(&x->m, "count_include_pad", node->padded);
}

static void put_pad(Export *x, int n)
{
    const Node *node = node_at(x, n);
    const Shape *s = &node->shape;
    const Window *w = &node->window;
    const int64_t pads[8] = {
        0, 0, w->top, w->left, 0, 0, s->oh - s->h - w->top, s->ow - s->w - w->left};
    ValueName in = export_input(x, n, 0, 4);
    if (x->options.opset < 11) {
        export_put(x, n, "Pad", in);
        message_ints(&x->m, "pads", pads, 8);
        message_float(&x->m, "value", node->constant[0]);
        return;
    }
    ValueName widths = export_fresh(x), value = export_fresh(x);
    int64_t *to = message_whole(&x->m, widths.text, 8);
    float *number = message_floats(&x->m, value.text, 0, NULL);
    if (to != NULL && number != NULL) {
        memcpy(to, pads, sizeof pads);
        *number = (float)node->constant[0];
    }
    export_put(x, n, "Pad", export_names(in.text, widths.text, value.text));
}

static void put_upsample(Export *x, int n)
{
    const Shape *s = &node_at(x, n)->shape;
    bool place = x->options.opset >= 11;
    ValueName in = export_input(x, n, 0, 4), scales = export_fresh(x), region = export_fresh(x);
    const int64_t four = 4, nothing = 0;
    float *to = message_floats(&x->m, scales.text, 1, &four);
    if (to != NULL) {
        to[0] = to[1] = 1;
        to[2] = (float)(s->oh / s->h);
        to[3] = (float)(s->ow / s->w);
    }
    if (place)
        message_floats(&x->m, region.text, 1, &nothing);
    export_put(x, n, x->options.opset < 10 ? "Upsample" : "Resize",
               place ? export_names(in.text, region.text, scales.text)
                     : export_names(in.text, scales.text, NULL));
    message_text(&x->m, "mode", "nearest");
    if (place) {
        message_text(&x->m, "coordinate_transformation_mode", "asymmetric");
        message_text(&x->m, "nearest_mode", "floor");
    }
}

/* How a layer is written. */
typedef struct Writer {
    void (*put)(Export *x, int n);
    bool image; /* its output is N,C,H,W; otherwise as its input, unless put says so itself */
} Writer;

static const Writer writers[] = {
    [LAYER_INPUT] = {NULL, true},
    [LAYER_CONV] = {put_conv, true},
    [LAYER_DEPTHWISE] = {put_conv, true},
    [LAYER_NORM] = {put_scaled, false},
    [LAYER_PRELU] = {put_lone_prelu, false},
    [LAYER_ADD] = {put_pair, false},
    [LAYER_LINEAR] = {put_linear, false},
    [LAYER_AFFINE] = {put_scaled, false},
    [LAYER_GROUPED] = {put_conv, true},
    [LAYER_MAX_POOL] = {put_pool, true},
    [LAYER_MEAN_POOL] = {put_pool, true},
    [LAYER_MULTIPLY] = {put_pair, false},
    [LAYER_CONCAT] = {put_pair, false},
    [LAYER_PAD] = {put_pad, true},
    [LAYER_UPSAMPLE] = {put_upsample, true},
    [LAYER_ACTIVATION] = {export_activation, false},
    [LAYER_MAXIMUM] = {put_pair, false},
    [LAYER_CHANNEL_MAX] = {export_channel_max, false},
    [LAYER_SELECT] = {export_select, false},
    [LAYER_PLANE] = {export_plane, false},
    [LAYER_STANDARDISE] = {export_standardise, true},
    [LAYER_ROUND] = {export_round, false},
};
_Static_assert(sizeof writers / sizeof *writers == LAYER_KINDS, "every kind has its writer");

void export_node(Export *x, int n)
{
    const Node *node = node_at(x, n);
    const Writer *writer = &writers[node->kind];
    x->written[n].rank = x->written[node->input[0]].rank;
    writer->put(x, n);
    if (writer->image)
        x->written[n].rank = 4;
}
