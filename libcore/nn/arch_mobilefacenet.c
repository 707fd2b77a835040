/* MobileFaceNet (Chen et al., arXiv 1804.07573) as FaceX-Zoo builds it: 1.2 million parameters and
 * 221 million multiply-adds at 112x112. For other input sizes the kernel of the last, global
 * depthwise convolution is as large as the image that reaches it. */
#include <stdio.h>

#include "nn/arch_parts_internal.h"

/* Batch norm behind a convolution, with PReLU or (a "linear block") without. */
static int normed(Graph *graph, int in, const char *name, bool prelu)
{
    return graph_norm(graph, in, path_of(name, "bn").text,
                      prelu ? path_of(name, "prelu").text : NULL);
}

static int dense(Graph *graph, int in, const char *name, int out, int kernel, int stride, int pad,
                 bool prelu)
{
    Init init = init_fan_in((int64_t)graph->nodes[in].shape.o * kernel * kernel);
    in = graph_conv(graph, in, path_of(name, "conv").text, out, kernel, stride, pad, init);
    return normed(graph, in, name, prelu);
}

static int depthwise(Graph *graph, int in, const char *name, int kernel, int stride, int pad,
                     bool prelu)
{
    Init init = init_fan_in(kernel * kernel);
    in = graph_depthwise(graph, in, path_of(name, "conv").text, kernel, stride, pad, init);
    return normed(graph, in, name, prelu);
}

/* Widen to `wide` channels, filter each with a 3x3 kernel, narrow to `out`. */
static int bottleneck(Graph *graph, int in, const char *name, int wide, int out, int stride)
{
    in = dense(graph, in, path_of(name, "conv").text, wide, 1, 1, 0, true);
    in = depthwise(graph, in, path_of(name, "conv_dw").text, 3, stride, 1, true);
    return dense(graph, in, path_of(name, "project").text, out, 1, 1, 0, false);
}

static int residuals(Graph *graph, int in, const char *name, int blocks, int wide, int out)
{
    for (int b = 0; b < blocks; b++) {
        char leaf[24];
        snprintf(leaf, sizeof leaf, "model.%d", b);
        in = graph_add(graph, in, bottleneck(graph, in, path_of(name, leaf).text, wide, out, 1));
    }
    return in;
}

void mobilefacenet_build(Graph *graph, int embedding)
{
    int x = dense(graph, 0, "conv1", 64, 3, 2, 1, true);
    x = depthwise(graph, x, "conv2_dw", 3, 1, 1, true);
    x = bottleneck(graph, x, "conv_23", 128, 64, 2);
    x = residuals(graph, x, "conv_3", 4, 128, 64);
    x = bottleneck(graph, x, "conv_34", 256, 128, 2);
    x = residuals(graph, x, "conv_4", 6, 256, 128);
    x = bottleneck(graph, x, "conv_45", 512, 128, 2);
    x = residuals(graph, x, "conv_5", 2, 256, 128);
    x = dense(graph, x, "conv_6_sep", 512, 1, 1, 0, true);
    x = depthwise(graph, x, "conv_6_dw", graph->nodes[x].shape.oh, 1, 0, false);
    x = graph_linear(graph, x, "linear", embedding, false, init_fan_in(512));
    graph_norm(graph, x, "bn", NULL);
}
