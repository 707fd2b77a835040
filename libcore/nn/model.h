/* Models as frames of a tensor stream, kind "model".
 *
 * Every parameter is a tensor under its PyTorch name, in PyTorch's layout; metadata "arch",
 * "embedding", "size", "pixel_mean", "pixel_scale" (see layers/pixels.h) and "pixel_order" (rgb or
 * bgr) say what net it is. A net of arch "imported" has its nodes in metadata "nodes" (see
 * nn/graph_text_internal.h) and, if it does not take square images, "width". Training adds tensors
 * head.* and momentum.NAME and metadata of its own to the same frame. */
#ifndef NN_MODEL_H
#define NN_MODEL_H

#include "base/api.h"
#include "nn/graph.h"
#include "stream/frame.h"

API_BEGIN

/* Adds the graph's parameters (copied) and metadata to the frame. */
int model_add(Frame *frame, const Graph *graph, Err *err);

/* A new graph with the frame's parameters. What is missing, of another type or shape, or not
 * known (other than head.* and momentum.*) is an error that names it. NULL on failure. */
Graph *model_graph(const Frame *frame, Err *err);

/* The trainable numbers of a block laid out like graph->values, as tensors named prefix + NAME.
 */
int model_add_block(Frame *frame, const Graph *graph, const char *prefix, const real *block,
                    Err *err);
int model_read_block(real *block, const Graph *graph, const char *prefix, const Frame *frame,
                     Err *err);

/* The numbers of a block that are not trained, running statistics among them, in the same way. */
int model_add_state(Frame *frame, const Graph *graph, const char *prefix, const real *block,
                    Err *err);
int model_read_state(real *block, const Graph *graph, const char *prefix, const Frame *frame,
                     Err *err);

/* Reads the one frame of a model file: the caller releases it. A stream of several frames, or of
 * another kind, is refused. */
int model_read(Frame *frame, const char *path, Err *err);

/* The same from memory; `name` is for messages. */
int model_parse(Frame *frame, const char *name, const void *bytes, size_t size, Err *err);

/* A whole number in [min, max] from the metadata. */
int model_number(int64_t *value, const Frame *frame, const char *key, int64_t min, int64_t max,
                 Err *err);

API_END

#endif
