/* The IResNets of InsightFace's arcface_torch: residual networks (He et al., arXiv 1603.05027)
 * with a batch norm before each block's first convolution, PReLU, and the stride in the second
 * one. The last batch norm's weight stays 1. */
#include <stdio.h>

#include "nn/arch_parts_internal.h"

static const Init conv_init = {INIT_NORMAL, 0.1};

static int block(Graph *graph, int in, const char *name, int out, int stride)
{
    int shortcut = in;
    int x = graph_norm(graph, in, path_of(name, "bn1").text, NULL);
    x = graph_conv(graph, x, path_of(name, "conv1").text, out, 3, 1, 1, conv_init);
    x = graph_norm(graph, x, path_of(name, "bn2").text, path_of(name, "prelu").text);
    x = graph_conv(graph, x, path_of(name, "conv2").text, out, 3, stride, 1, conv_init);
    if (stride != 1) {
        /* Both convolutions before both norms: they can then share a pass over the images. */
        shortcut =
            graph_conv(graph, in, path_of(name, "downsample.0").text, out, 1, stride, 0, conv_init);
        shortcut = graph_norm(graph, shortcut, path_of(name, "downsample.1").text, NULL);
    }
    x = graph_norm(graph, x, path_of(name, "bn3").text, NULL);
    return graph_add(graph, x, shortcut);
}

static void build(Graph *graph, int embedding, const int blocks[4])
{
    int x = graph_conv(graph, 0, "conv1", 64, 3, 1, 1, conv_init);
    x = graph_norm(graph, x, "bn1", "prelu");
    for (int stage = 0; stage < 4; stage++)
        for (int b = 0; b < blocks[stage]; b++) {
            char name[32];
            snprintf(name, sizeof name, "layer%d.%d", stage + 1, b);
            x = block(graph, x, name, 64 << stage, b == 0 ? 2 : 1);
        }
    x = graph_norm(graph, x, "bn2", NULL);
    x = graph_linear(graph, x, "fc", embedding, true,
                     init_fan_in((int64_t)node_size(&graph->nodes[x])));
    graph_norm(graph, x, "features", NULL);
    graph_freeze(graph, "features.weight");
}

void iresnet18_build(Graph *graph, int embedding)
{
    build(graph, embedding, (const int[]){2, 2, 2, 2});
}

void iresnet34_build(Graph *graph, int embedding)
{
    build(graph, embedding, (const int[]){3, 4, 6, 3});
}

void iresnet50_build(Graph *graph, int embedding)
{
    build(graph, embedding, (const int[]){3, 4, 14, 3});
}

void iresnet100_build(Graph *graph, int embedding)
{
    build(graph, embedding, (const int[]){3, 13, 30, 3});
}
