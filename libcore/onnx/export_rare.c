/* Curves and other layers that few nets have, as nodes of ONNX. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "onnx/exporter_internal.h"

static ValueName put_number(Export *x, double value)
{
    ValueName name = export_fresh(x);
    float *to = message_floats(&x->m, name.text, 0, NULL);
    if (to != NULL)
        *to = (float)value;
    return name;
}

static void put_clip(Export *x, int n, ValueName in, const double bound[2])
{
    if (x->options.opset >= 11) {
        ValueName low = put_number(x, bound[0]), high = put_number(x, bound[1]);
        export_put(x, n, "Clip", export_names(in.text, low.text, high.text));
        return;
    }
    export_put(x, n, "Clip", in);
    message_float(&x->m, "min", bound[0]);
    message_float(&x->m, "max", bound[1]);
}

/* value = op(value, number) */
static void put_with(Export *x, int n, const char *op, double number)
{
    ValueName k = put_number(x, number);
    export_put(x, n, op, export_names(x->written[n].value.text, k.text, NULL));
}

static void put_power(Export *x, int n, ValueName in, double power)
{
    if (power == 0.5 || power == -1) {
        export_put(x, n, power == 0.5 ? "Sqrt" : "Reciprocal", in);
        return;
    }
    x->written[n].value = in;
    put_with(x, n, "Pow", power);
}

static void put_elu(Export *x, int n, ValueName in, double alpha, double gamma)
{
    export_put(x, n, gamma == 1 ? "Elu" : "Selu", in);
    message_float(&x->m, "alpha", alpha);
    if (gamma != 1)
        message_float(&x->m, "gamma", gamma);
}

/* x (1 + erf(x / sqrt(2))) / 2, or by tanh(sqrt(2 / pi) (x + 0.044715 x^3)) */
static void put_gelu(Export *x, int n, ValueName in, bool by_tanh)
{
    if (x->options.opset >= 20) {
        export_put(x, n, "Gelu", in);
        message_text(&x->m, "approximate", by_tanh ? "tanh" : "none");
        return;
    }
    x->written[n].value = in;
    if (by_tanh) {
        put_with(x, n, "Pow", 3);
        put_with(x, n, "Mul", 0.044715);
        export_put(x, n, "Add", export_names(in.text, x->written[n].value.text, NULL));
    }
    put_with(x, n, "Mul", by_tanh ? sqrt(M_2_PI) : M_SQRT1_2);
    export_put(x, n, by_tanh ? "Tanh" : "Erf", x->written[n].value);
    put_with(x, n, "Add", 1);
    export_put(x, n, "Mul", export_names(in.text, x->written[n].value.text, NULL));
    put_with(x, n, "Mul", 0.5);
}

static void put_sigmoid(Export *x, int n, ValueName in)
{
    const Node *node = &x->graph->nodes[n];
    bool swish = node->activation == ACTIVATION_HARD_SWISH;
    if (node->activation == ACTIVATION_SIGMOID || (swish && x->options.opset >= 14)) {
        export_put(x, n, swish ? "HardSwish" : "Sigmoid", in);
        return;
    }
    export_put(x, n, "HardSigmoid", in);
    message_float(&x->m, "alpha", swish ? 1.0 / 6 : node->constant[0]);
    message_float(&x->m, "beta", swish ? 0.5 : node->constant[1]);
    if (swish)
        export_put(x, n, "Mul", export_names(in.text, x->written[n].value.text, NULL));
}

void export_activation(Export *x, int n)
{
    static const char *const plain[ACTIVATIONS] = {
        [ACTIVATION_TANH] = "Tanh",         [ACTIVATION_EXP] = "Exp",
        [ACTIVATION_LOG] = "Log",           [ACTIVATION_SOFTPLUS] = "Softplus",
        [ACTIVATION_SOFTSIGN] = "Softsign", [ACTIVATION_ERF] = "Erf"};
    const Node *node = &x->graph->nodes[n];
    ValueName in = x->written[node->input[0]].value;
    if (plain[node->activation] != NULL)
        export_put(x, n, plain[node->activation], in);
    else if (node->activation == ACTIVATION_CLIP)
        put_clip(x, n, in, node->constant);
    else if (node->activation == ACTIVATION_POWER)
        put_power(x, n, in, node->constant[0]);
    else if (node->activation == ACTIVATION_ELU)
        put_elu(x, n, in, node->constant[0], node->constant[1]);
    else if (node->activation == ACTIVATION_GELU)
        put_gelu(x, n, in, node->constant[0] != 0);
    else
        put_sigmoid(x, n, in);
}

void export_channel_max(Export *x, int n)
{
    static const int64_t channels = 1;
    ValueName in = x->written[x->graph->nodes[n].input[0]].value;
    if (x->options.opset < 18) {
        export_put(x, n, "ReduceMax", in);
        message_ints(&x->m, "axes", &channels, 1);
        return;
    }
    ValueName axes = export_fresh(x);
    int64_t *to = message_whole(&x->m, axes.text, 1);
    if (to != NULL)
        *to = channels;
    export_put(x, n, "ReduceMax", export_names(in.text, axes.text, NULL));
}

void export_select(Export *x, int n)
{
    const Node *node = &x->graph->nodes[n];
    ValueName in = x->written[node->input[0]].value, index = export_fresh(x);
    int64_t *to = message_whole(&x->m, index.text, node->shape.o);
    for (int j = 0; to != NULL && j < node->shape.o; j++)
        to[j] = selected(&node->select, j);
    export_put(x, n, "Gather", export_names(in.text, index.text, NULL));
    message_int(&x->m, "axis", 1);
}

void export_plane(Export *x, int n)
{
    static const char *const op[] = {[NORM_GAMMA] = "Mul", [NORM_BETA] = "Add"};
    const Node *node = &x->graph->nodes[n];
    x->written[n].value = export_input(x, n, 0, 4);
    x->written[n].rank = 4;
    for (int i = NORM_GAMMA; i <= NORM_BETA; i++) {
        if (node->param[i] < 0)
            continue;
        const Param *p = &x->graph->params[node->param[i]];
        float *to = message_floats(&x->m, p->name, p->rank, p->shape);
        if (to != NULL)
            param_to_torch(p, to, x->graph->values + p->offset);
        export_put(x, n, op[i], export_names(x->written[n].value.text, p->name, NULL));
    }
}

/* An initialiser of as many equal numbers, [n], and its name */
static ValueName put_alike(Export *x, int64_t n, float value)
{
    ValueName name = export_fresh(x);
    float *to = message_floats(&x->m, name.text, 1, &n);
    for (int64_t i = 0; to != NULL && i < n; i++)
        to[i] = value;
    return name;
}

static void put_mean(Export *x, int n, ValueName in)
{
    static const int64_t channels = 1;
    if (x->options.opset < 18) {
        export_put(x, n, "ReduceMean", in);
        message_ints(&x->m, "axes", &channels, 1);
        return;
    }
    ValueName axes = export_fresh(x);
    int64_t *to = message_whole(&x->m, axes.text, 1);
    if (to != NULL)
        *to = channels;
    export_put(x, n, "ReduceMean", export_names(in.text, axes.text, NULL));
}

/* ONNX's LayerNormalization is over the last axes only, and channels are not last there. */
static void put_over_channels(Export *x, int n, ValueName in, double eps)
{
    put_mean(x, n, in);
    export_put(x, n, "Sub", export_names(in.text, x->written[n].value.text, NULL));
    ValueName apart = x->written[n].value;
    export_put(x, n, "Mul", export_names(apart.text, apart.text, NULL));
    put_mean(x, n, x->written[n].value);
    put_with(x, n, "Add", eps);
    export_put(x, n, "Sqrt", x->written[n].value);
    export_put(x, n, "Div", export_names(apart.text, x->written[n].value.text, NULL));
}

void export_standardise(Export *x, int n)
{
    const Node *node = &x->graph->nodes[n];
    ValueName in = export_input(x, n, 0, 4);
    if (!node->over_pixels) {
        put_over_channels(x, n, in, node->constant[0]);
        return;
    }
    ValueName one = put_alike(x, node->shape.o, 1), zero = put_alike(x, node->shape.o, 0);
    export_put(x, n, "InstanceNormalization", export_names(in.text, one.text, zero.text));
    message_float(&x->m, "epsilon", node->constant[0]);
}

/* To INT8 and back */
void export_round(Export *x, int n)
{
    const Node *node = &x->graph->nodes[n];
    ValueName scale = put_number(x, node->step), zero = export_fresh(x);
    int8_t *to = message_bytes(&x->m, zero.text, 0, NULL);
    if (to != NULL)
        *to = (int8_t)(INT8_MIN - node->low);
    for (int i = 0; i < 2; i++) {
        ValueName in = i == 0 ? x->written[node->input[0]].value : x->written[n].value;
        export_put(x, n, i == 0 ? "QuantizeLinear" : "DequantizeLinear",
                   export_names(in.text, scale.text, zero.text));
    }
}
