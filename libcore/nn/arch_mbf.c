/* InsightFace's mbf (arcface_torch, "0.45 GFLOPs"): MobileFaceNet with the first layers twice as
 * wide, the second one of which is a convolution in 64 groups. */
#include <stdio.h>

#include "nn/arch_parts_internal.h"

enum { SCALE = 2 };

/* Kaiming's normal for ReLU by the outputs of a kernel of out x k x k. */
static Init fan_out(int out, int kernel)
{
    return (Init){INIT_NORMAL, sqrt(2.0 / ((double)out * kernel * kernel))};
}

static int normed(Graph *graph, int in, const char *name, bool prelu)
{
    return graph_norm(graph, in, path_of(name, "layers.1").text,
                      prelu ? path_of(name, "layers.2").text : NULL);
}

static int dense(Graph *graph, int in, const char *name, int out, int kernel, int stride,
                 bool prelu)
{
    in = graph_conv(graph, in, path_of(name, "layers.0").text, out, kernel, stride, kernel / 2,
                    fan_out(out, kernel));
    return normed(graph, in, name, prelu);
}

static int depthwise(Graph *graph, int in, const char *name, int kernel, int stride, int pad,
                     bool prelu)
{
    Init init = fan_out(graph->nodes[in].shape.o, kernel);
    in = graph_depthwise(graph, in, path_of(name, "layers.0").text, kernel, stride, pad, init);
    return normed(graph, in, name, prelu);
}

static int grouped(Graph *graph, int in, const char *name, int groups)
{
    const Window window = {
        .kh = 3, .kw = 3, .sh = 1, .sw = 1, .dh = 1, .dw = 1, .top = 1, .left = 1};
    Shape s = graph->nodes[in].shape;
    in = graph_grouped(graph, in, path_of(name, "layers.0").text, s.o, groups, &window, s.oh, s.ow,
                       fan_out(s.o, 3));
    return normed(graph, in, name, true);
}

/* Widen to `wide` channels, filter each with a 3x3 kernel, narrow to `out`. */
static int bottleneck(Graph *graph, int in, const char *name, int wide, int out, int stride)
{
    in = dense(graph, in, path_of(name, "layers.0").text, wide, 1, 1, true);
    in = depthwise(graph, in, path_of(name, "layers.1").text, 3, stride, 1, true);
    return dense(graph, in, path_of(name, "layers.2").text, out, 1, 1, false);
}

static int residuals(Graph *graph, int in, const char *name, int blocks, int wide)
{
    int out = graph->nodes[in].shape.o;
    for (int b = 0; b < blocks; b++) {
        char leaf[24];
        snprintf(leaf, sizeof leaf, "layers.%d", b);
        in = graph_add(graph, in, bottleneck(graph, in, path_of(name, leaf).text, wide, out, 1));
    }
    return in;
}

void mbf_build(Graph *graph, int embedding)
{
    int x = dense(graph, 0, "layers.0", 64 * SCALE, 3, 2, true);
    x = grouped(graph, x, "layers.1", 64);
    x = bottleneck(graph, x, "layers.2", 128, 64 * SCALE, 2);
    x = residuals(graph, x, "layers.3", 4, 128);
    x = bottleneck(graph, x, "layers.4", 256, 128 * SCALE, 2);
    x = residuals(graph, x, "layers.5", 6, 256);
    x = bottleneck(graph, x, "layers.6", 512, 128 * SCALE, 2);
    x = residuals(graph, x, "layers.7", 2, 256);
    x = dense(graph, x, "conv_sep", 512, 1, 1, true);
    x = depthwise(graph, x, "features.layers.0", graph->nodes[x].shape.oh, 1, 0, false);
    x = graph_linear(graph, x, "features.layers.2", embedding, false, fan_out(embedding, 1));
    graph_norm(graph, x, "features.layers.3", NULL);
}
