/* What the files that write ONNX models share; not for others. */
#ifndef ONNX_EXPORTER_INTERNAL_H
#define ONNX_EXPORTER_INTERNAL_H

#include "nn/graph_internal.h"
#include "onnx/export_internal.h"
#include "onnx/message_internal.h"

enum { VALUE_NAME_ROOM = 600 };

typedef struct ValueName {
    char text[VALUE_NAME_ROOM];
} ValueName;

/* What became of a node. */
typedef struct Written {
    ValueName value; /* of its output */
    int rank;        /* 4: N,C,H,W; 2: rows */
    int consumers;   /* nodes that read it */
    int folded;      /* a node whose scale and shift went into its weights, or -1 */
    bool taken;      /* is such a node */
} Written;

typedef struct Export {
    const Graph *graph;
    ExportOptions options;
    Message m;
    Written *written; /* by node */
    int extra;        /* names that belong to no node */
} Export;

ValueName export_fresh(Export *x);

/* One to three names with spaces between them; NULL ends them. */
ValueName export_names(const char *a, const char *b, const char *c);

/* Appends a node that reads `inputs` and makes the value of graph node n from now on. */
void export_put(Export *x, int n, const char *op, ValueName inputs);

/* The value of a graph node's input with a certain rank: what is of the other is reshaped. */
ValueName export_input(Export *x, int n, int which, int rank);

/* Appends graph node n, whose inputs have been appended (onnx/export_layers.c). */
void export_node(Export *x, int n);

/* The same for layers that few nets have (onnx/export_rare.c). */
void export_activation(Export *x, int n);
void export_channel_max(Export *x, int n);
void export_select(Export *x, int n);
void export_plane(Export *x, int n);
void export_standardise(Export *x, int n);
void export_round(Export *x, int n);

#endif
