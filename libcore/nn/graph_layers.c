/* graph_layer() in short for each kind. */
#include "nn/graph_internal.h"

static const Init none = {INIT_CONSTANT, 0};

int graph_conv(Graph *graph, int in, const char *name, int out, int kernel, int stride, int pad,
               Init init)
{
    Shape shape = {.o = out, .kernel = kernel, .stride = stride, .pad = pad};
    return graph_layer(graph, &(Node){.kind = LAYER_CONV, .input = {in}, .shape = shape}, name,
                       NULL, init);
}

int graph_depthwise(Graph *graph, int in, const char *name, int kernel, int stride, int pad,
                    Init init)
{
    Shape shape = {.o = graph->nodes[in].shape.o, .kernel = kernel, .stride = stride, .pad = pad};
    return graph_layer(graph, &(Node){.kind = LAYER_DEPTHWISE, .input = {in}, .shape = shape}, name,
                       NULL, init);
}

int graph_norm(Graph *graph, int in, const char *name, const char *slope)
{
    return graph_layer(graph, &(Node){.kind = LAYER_NORM, .input = {in}}, name, slope, none);
}

int graph_prelu(Graph *graph, int in, const char *name)
{
    return graph_layer(graph, &(Node){.kind = LAYER_PRELU, .input = {in}}, name, NULL, none);
}

int graph_linear(Graph *graph, int in, const char *name, int out, bool bias, Init init)
{
    Node node = {.kind = LAYER_LINEAR, .input = {in}, .shape = {.o = out}, .shift = bias};
    return graph_layer(graph, &node, name, NULL, init);
}

int graph_affine(Graph *graph, int in, const char *name, bool scale, bool shift, const char *slope)
{
    Node node = {.kind = LAYER_AFFINE, .input = {in}, .scale = scale, .shift = shift};
    return graph_layer(graph, &node, name, slope, none);
}

int graph_plane(Graph *graph, int in, const char *name, bool scale, bool shift)
{
    Node node = {.kind = LAYER_PLANE, .input = {in}, .scale = scale, .shift = shift};
    return graph_layer(graph, &node, name, NULL, none);
}

int graph_grouped(Graph *graph, int in, const char *name, int out, int groups, const Window *window,
                  int oh, int ow, Init init)
{
    Node node = {.kind = LAYER_GROUPED,
                 .input = {in},
                 .shape = {.oh = oh, .ow = ow, .o = out},
                 .window = *window,
                 .groups = groups};
    return graph_layer(graph, &node, name, NULL, init);
}

int graph_pool(Graph *graph, LayerKind kind, int in, const Window *window, int oh, int ow,
               bool padded)
{
    Node node = {.kind = kind,
                 .input = {in},
                 .shape = {.oh = oh, .ow = ow},
                 .window = *window,
                 .padded = padded};
    return graph_layer(graph, &node, NULL, NULL, none);
}

int graph_pad(Graph *graph, int in, int top, int left, int oh, int ow, double value)
{
    Node node = {.kind = LAYER_PAD,
                 .input = {in},
                 .shape = {.oh = oh, .ow = ow},
                 .window = {.top = top, .left = left},
                 .constant = {value}};
    return graph_layer(graph, &node, NULL, NULL, none);
}

int graph_upsample(Graph *graph, int in, int down, int across)
{
    Node node = {.kind = LAYER_UPSAMPLE, .input = {in}, .down = down, .across = across};
    return graph_layer(graph, &node, NULL, NULL, none);
}

int graph_activation(Graph *graph, int in, Activation activation, double a, double b)
{
    Node node = {
        .kind = LAYER_ACTIVATION, .input = {in}, .activation = activation, .constant = {a, b}};
    return graph_layer(graph, &node, NULL, NULL, none);
}

int graph_round(Graph *graph, int in, double step, int low, int high)
{
    Node node = {.kind = LAYER_ROUND, .input = {in}, .step = step, .low = low, .high = high};
    return graph_layer(graph, &node, NULL, NULL, none);
}

int graph_channel_max(Graph *graph, int in)
{
    return graph_layer(graph, &(Node){.kind = LAYER_CHANNEL_MAX, .input = {in}}, NULL, NULL, none);
}

int graph_select(Graph *graph, int in, const Selection *selection, int out)
{
    Node node = {.kind = LAYER_SELECT, .input = {in}, .shape = {.o = out}, .select = *selection};
    return graph_layer(graph, &node, NULL, NULL, none);
}

static int add_pair(Graph *graph, LayerKind kind, int a, int b)
{
    return graph_layer(graph, &(Node){.kind = kind, .input = {a, b}}, NULL, NULL, none);
}

int graph_add(Graph *graph, int a, int b)
{
    return add_pair(graph, LAYER_ADD, a, b);
}

int graph_multiply(Graph *graph, int a, int b)
{
    return add_pair(graph, LAYER_MULTIPLY, a, b);
}

int graph_concat(Graph *graph, int a, int b)
{
    return add_pair(graph, LAYER_CONCAT, a, b);
}

int graph_maximum(Graph *graph, int a, int b)
{
    return add_pair(graph, LAYER_MAXIMUM, a, b);
}
