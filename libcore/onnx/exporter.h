/* What the files that write ONNX models share; not for others. */
#ifndef ONNX_EXPORTER_H
#define ONNX_EXPORTER_H

#include "onnx/export.h"
#include "onnx/message.h"

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

/* Appends graph node n, whose inputs have been appended (onnx/export_layers.c). */
void export_node(Export *x, int n);

#endif
