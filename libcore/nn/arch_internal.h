/* How architectures are built. */
#ifndef NN_ARCH_INTERNAL_H
#define NN_ARCH_INTERNAL_H

#include "nn/arch.h"
#include "nn/graph_internal.h"

/* Appends the architecture's nodes to a graph that holds the input node alone. */
typedef void ArchBuild(Graph *graph, int embedding);

typedef struct Arch {
    const char *name;
    ArchBuild *build;
    Pixels pixels; /* what its authors feed it */
} Arch;

/* All of them; the last one's name is NULL. */
extern const Arch arch_table[];

/* arch_new() without memory for numbers, which graph_finish() takes: to see whether there are any
 * for it first. */
Graph *arch_outline(const char *name, int embedding, int size, Err *err);

/* The name of a sub-module, "module.leaf". */
typedef struct Path {
    char text[128];
} Path;

Path path_of(const char *module, const char *leaf);

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
