/* What the files of the architectures share, and what each of them defines. */
#ifndef NN_ARCH_PARTS_INTERNAL_H
#define NN_ARCH_PARTS_INTERNAL_H

#include "nn/graph_internal.h"

/* The name of a sub-module, "module.leaf". */
typedef struct Path {
    char text[128];
} Path;

Path path_of(const char *module, const char *leaf);

/* The architectures: each appends its nodes to a graph that holds the input node alone. */

/* nn/arch_mobilefacenet.c */
void mobilefacenet_build(Graph *graph, int embedding);

/* nn/arch_mbf.c */
void mbf_build(Graph *graph, int embedding);

/* nn/arch_resnet_ir.c */
void resnet50_ir_build(Graph *graph, int embedding);
void resnet100_ir_build(Graph *graph, int embedding);

/* nn/arch_iresnet.c */
void iresnet18_build(Graph *graph, int embedding);
void iresnet34_build(Graph *graph, int embedding);
void iresnet50_build(Graph *graph, int embedding);
void iresnet100_build(Graph *graph, int embedding);

#endif
