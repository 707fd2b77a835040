/* The table of architectures. */
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

#endif
