/* A net: its layers and its parameters.
 *
 * One comes from an architecture (nn/arch.h), from a file (model/net.h), or from ONNX
 * (onnx/import.h). Its parameters lie in one block of graph_length() numbers; gradients and
 * momentum are other blocks of as many, laid out alike. */
#ifndef NN_GRAPH_H
#define NN_GRAPH_H

#include <stddef.h>

#include "base/api.h"
#include "base/err.h"
#include "base/real.h"
#include "layers/pixels.h"

API_BEGIN

typedef struct Graph Graph;

void graph_free(Graph *graph); /* NULL is fine */

/* A net of the same layers, whose parameters are zero. NULL on failure. */
Graph *graph_copy(const Graph *graph, Err *err);

/* Draws all parameters anew; each depends on seed and on its own place in the list only. */
void graph_init(Graph *graph, uint64_t seed);

/* Whether all parameters are finite numbers; the message names the first that is not. */
int graph_check(const Graph *graph, Err *err);

const char *graph_arch(const Graph *graph); /* the architecture's name; "imported" if it has none */
int graph_height(const Graph *graph);       /* of the images it takes */
int graph_width(const Graph *graph);
size_t graph_image_bytes(const Graph *graph);   /* of one, height x width x 3 */
int graph_dim(const Graph *graph);              /* numbers of an embedding */
const Pixels *graph_pixels(const Graph *graph); /* what is done to the bytes of an image */
size_t graph_length(const Graph *graph);        /* numbers of the block of parameters */
real *graph_values(Graph *graph);               /* the block */

/* A hash of the net: its layers, all its numbers, and what it does to the bytes of an image. Nets
 * with the same hash give the same embeddings, but for the rounding of different kernels. */
int graph_hash(const Graph *graph, uint64_t *hash, Err *err);

/* Numbers that are parameters (not running statistics), as PyTorch's numel() would count; and
 * multiply-adds of convolutions and linear layers for one image. */
size_t graph_parameter_count(const Graph *graph);
uint64_t graph_multiply_adds(const Graph *graph);

API_END

#endif
