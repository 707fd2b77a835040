/* Graphs of ours become ONNX models.
 *
 * The input is "input", float [batch,3,h,w] with a free batch, the output "embedding", [batch,d].
 * How bytes become the input's numbers is in the metadata pixel_mean, pixel_scale and pixel_order
 * (rgb or bgr): (byte - mean) * scale. Slopes of a PRelu are [C,1,1] where images are, [C] where
 * rows are; a Gemm always has a bias, as some readers want. */
#ifndef ONNX_EXPORT_INTERNAL_H
#define ONNX_EXPORT_INTERNAL_H

#include <stddef.h>

#include "nn/graph.h"

enum { OPSET_FIRST = 9, OPSET_LAST = 21 };

typedef struct ExportOptions {
    int opset; /* of ONNX's operators, OPSET_FIRST .. OPSET_LAST */
    bool fold; /* batch norms behind convolutions and linear layers go into their weights */
} ExportOptions;

/* The model's bytes in new memory that the caller frees; NULL on failure. */
uint8_t *onnx_export(const Graph *graph, const ExportOptions *options, size_t *size, Err *err);

#endif
