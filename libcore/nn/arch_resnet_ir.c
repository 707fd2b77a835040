/* FaceX-Zoo's ResNet50-ir and ResNet100-ir: InsightFace's residual networks, but without a batch
 * norm between a block's first convolution and its PReLU, and with a shortcut that only leaves out
 * pixels where a block keeps its channels. */
#include <stdio.h>

#include "nn/arch_parts_internal.h"

static int convolution(Graph *graph, int in, const char *name, int out, int kernel, int stride)
{
    Init init = init_fan_in((int64_t)graph->nodes[in].shape.o * kernel * kernel);
    return graph_conv(graph, in, name, out, kernel, stride, kernel / 2, init);
}

static int shortcut(Graph *graph, int in, const char *name, int out, int stride)
{
    const Window every = {.kh = 1, .kw = 1, .sh = stride, .sw = stride, .dh = 1, .dw = 1};
    Shape s = graph->nodes[in].shape;
    if (s.o != out) {
        in = convolution(graph, in, path_of(name, "shortcut_layer.0").text, out, 1, stride);
        return graph_norm(graph, in, path_of(name, "shortcut_layer.1").text, NULL);
    }
    if (stride == 1)
        return in;
    return graph_pool(graph, LAYER_MAX_POOL, in, &every, (s.oh - 1) / stride + 1,
                      (s.ow - 1) / stride + 1, false);
}

static int unit(Graph *graph, int in, const char *name, int out, int stride)
{
    int other = shortcut(graph, in, name, out, stride);
    int x = graph_norm(graph, in, path_of(name, "res_layer.0").text, NULL);
    x = convolution(graph, x, path_of(name, "res_layer.1").text, out, 3, 1);
    x = graph_prelu(graph, x, path_of(name, "res_layer.2").text);
    x = convolution(graph, x, path_of(name, "res_layer.3").text, out, 3, stride);
    x = graph_norm(graph, x, path_of(name, "res_layer.4").text, NULL);
    return graph_add(graph, x, other);
}

static void build(Graph *graph, int embedding, const int units[4])
{
    int x = convolution(graph, 0, "input_layer.0", 64, 3, 1), number = 0;
    x = graph_norm(graph, x, "input_layer.1", "input_layer.2");
    for (int stage = 0; stage < 4; stage++)
        for (int u = 0; u < units[stage]; u++) {
            char name[32];
            snprintf(name, sizeof name, "body.%d", number++);
            x = unit(graph, x, name, 64 << stage, u == 0 ? 2 : 1);
        }
    x = graph_norm(graph, x, "output_layer.0", NULL);
    x = graph_linear(graph, x, "output_layer.3", embedding, true,
                     init_fan_in((int64_t)node_size(&graph->nodes[x])));
    graph_dropout(graph, 0.4);
    graph_norm(graph, x, "output_layer.4", NULL);
}

void resnet50_ir_build(Graph *graph, int embedding)
{
    build(graph, embedding, (const int[]){3, 4, 14, 3});
}

void resnet100_ir_build(Graph *graph, int embedding)
{
    build(graph, embedding, (const int[]){3, 13, 30, 3});
}
