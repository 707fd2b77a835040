#include "nn/model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/num_internal.h"
#include "nn/arch_internal.h"
#include "nn/graph_text_internal.h"
#include "nn/names_internal.h"
#include "stream/reader.h"

typedef struct Name {
    char text[192];
} Name;

static Name prefixed(const char *prefix, const Param *param)
{
    Name name;
    snprintf(name.text, sizeof name.text, "%s%s", prefix, param->name);
    return name;
}

/* Writing ----------------------------------------------------------------------------------- */

static int add_param(Frame *frame, const char *prefix, const Param *param, const real *block,
                     Err *err)
{
    float *data =
        frame_alloc(frame, prefixed(prefix, param).text, DTYPE_F32, param->rank, param->shape, err);
    if (data == NULL)
        return -1;
    param_to_torch(param, data, block + param->offset);
    return 0;
}

static int add_count(Frame *frame, const Graph *graph, const Param *param, Err *err)
{
    int64_t *data = frame_alloc(frame, param->name, DTYPE_I64, param->rank, param->shape, err);
    if (data == NULL)
        return -1;
    *data = graph->counts[param->offset];
    return 0;
}

static int set_number(Frame *frame, const char *key, const char *format, double value, Err *err)
{
    char text[40];
    snprintf(text, sizeof text, format, value);
    return frame_set_meta(frame, key, text, err);
}

static int set_colours(Frame *frame, const char *key, const double number[COLOURS], Err *err)
{
    char text[PIXELS_TEXT];
    pixels_print(text, number, 17);
    return frame_set_meta(frame, key, text, err);
}

static int add_outline(Frame *frame, const Graph *graph, Err *err)
{
    char *text = graph_to_text(graph, err);
    int rc = text == NULL ? -1 : frame_set_meta(frame, "nodes", text, err);
    free(text);
    if (rc == 0 && graph->nodes[0].shape.ow != graph->size)
        rc = frame_set_number(frame, "width", graph->nodes[0].shape.ow, err);
    return rc;
}

int model_add(Frame *frame, const Graph *graph, Err *err)
{
    const Pixels *pixels = &graph->pixels;
    if (frame_set_meta(frame, "kind", "model", err) != 0 ||
        frame_set_meta(frame, "arch", graph->arch, err) != 0 ||
        set_number(frame, "embedding", "%.0f", graph->embedding, err) != 0 ||
        set_number(frame, "size", "%.0f", graph->size, err) != 0 ||
        set_colours(frame, "pixel_mean", pixels->mean, err) != 0 ||
        set_colours(frame, "pixel_scale", pixels->scale, err) != 0 ||
        frame_set_meta(frame, "pixel_order", pixels->bgr ? "bgr" : "rgb", err) != 0)
        return -1;
    if (strcmp(graph->arch, IMPORTED) == 0 && add_outline(frame, graph, err) != 0)
        return -1;
    for (int i = 0; i < graph->param_count; i++) {
        const Param *param = &graph->params[i];
        int rc = param->role == PARAM_COUNT ? add_count(frame, graph, param, err)
                                            : add_param(frame, "", param, graph->values, err);
        if (rc != 0)
            return -1;
    }
    return 0;
}

/* Is it a number of the one kind or the other? */
static bool is_kind(const Param *param, bool trainable)
{
    return param->role != PARAM_COUNT && param->trainable == trainable;
}

static int add_kind(Frame *frame, const Graph *graph, bool trainable, const char *prefix,
                    const real *block, Err *err)
{
    for (int i = 0; i < graph->param_count; i++)
        if (is_kind(&graph->params[i], trainable) &&
            add_param(frame, prefix, &graph->params[i], block, err) != 0)
            return -1;
    return 0;
}

int model_add_block(Frame *frame, const Graph *graph, const char *prefix, const real *block,
                    Err *err)
{
    return add_kind(frame, graph, true, prefix, block, err);
}

int model_add_state(Frame *frame, const Graph *graph, const char *prefix, const real *block,
                    Err *err)
{
    return add_kind(frame, graph, false, prefix, block, err);
}

/* Reading ----------------------------------------------------------------------------------- */

int model_number(int64_t *value, const Frame *frame, const char *key, int64_t min, int64_t max,
                 Err *err)
{
    const char *text = frame_meta(frame, key);
    if (text == NULL || !num_int(text, min, max, value))
        return err_set(err, "metadata '%s' is '%s', not an integer from %" PRId64 " to %" PRId64,
                       key, text != NULL ? text : "(missing)", min, max);
    return 0;
}

static int read_pixels(Pixels *pixels, const Frame *frame, Err *err)
{
    const char *mean = frame_meta(frame, "pixel_mean"), *scale = frame_meta(frame, "pixel_scale");
    const char *order = frame_meta(frame, "pixel_order");
    if (mean == NULL || !pixels_parse(pixels->mean, mean))
        return err_set(err, "metadata 'pixel_mean' is missing, or neither one number nor three");
    if (scale == NULL || !pixels_parse(pixels->scale, scale))
        return err_set(err, "metadata 'pixel_scale' is missing, or neither one number nor three");
    if (order == NULL || (strcmp(order, "rgb") != 0 && strcmp(order, "bgr") != 0))
        return err_set(err, "metadata 'pixel_order' is neither rgb nor bgr");
    pixels->bgr = strcmp(order, "bgr") == 0;
    return 0;
}

static int read_param(Graph *graph, const Param *param, const Frame *frame, Err *err)
{
    bool count = param->role == PARAM_COUNT;
    const Tensor *tensor = frame_need(frame, param->name, count ? DTYPE_I64 : DTYPE_F32,
                                      param->rank, param->shape, err);
    if (tensor == NULL)
        return -1;
    if (count)
        memcpy(&graph->counts[param->offset], tensor->data, sizeof(int64_t));
    else
        param_from_torch(param, graph->values + param->offset, tensor->data);
    return 0;
}

static int read_kind(real *block, const Graph *graph, bool trainable, const char *prefix,
                     const Frame *frame, Err *err)
{
    for (int i = 0; i < graph->param_count; i++) {
        const Param *param = &graph->params[i];
        if (!is_kind(param, trainable))
            continue;
        const Tensor *tensor = frame_need(frame, prefixed(prefix, param).text, DTYPE_F32,
                                          param->rank, param->shape, err);
        if (tensor == NULL)
            return -1;
        param_from_torch(param, block + param->offset, tensor->data);
    }
    return 0;
}

int model_read_block(real *block, const Graph *graph, const char *prefix, const Frame *frame,
                     Err *err)
{
    return read_kind(block, graph, true, prefix, frame, err);
}

int model_read_state(real *block, const Graph *graph, const char *prefix, const Frame *frame,
                     Err *err)
{
    return read_kind(block, graph, false, prefix, frame, err);
}

static int check_known(const Graph *graph, const Frame *frame, Err *err)
{
    for (size_t i = 0; i < frame->tensors; i++) {
        const char *name = frame->tensor[i].name;
        if (!name_is_of_training(name) && graph_param(graph, name) == NULL)
            return err_set(err, "tensor '%s' is not a parameter of %s", name, graph->arch);
    }
    return 0;
}

static int fill(Graph *graph, const Frame *frame, Err *err)
{
    if (read_pixels(&graph->pixels, frame, err) != 0)
        return -1;
    for (int i = 0; i < graph->param_count; i++)
        if (read_param(graph, &graph->params[i], frame, err) != 0)
            return -1;
    return graph_check(graph, err);
}

/* Whether all tensors are there, before there is memory for numbers: so that no more of that is
 * taken than the file has. */
static int check_params(const Graph *graph, const Frame *frame, Err *err)
{
    for (int i = 0; i < graph->param_count; i++) {
        const Param *p = &graph->params[i];
        if (frame_need(frame, p->name, p->role == PARAM_COUNT ? DTYPE_I64 : DTYPE_F32, p->rank,
                       p->shape, err) == NULL)
            return -1;
    }
    return 0;
}

static Graph *outlined_graph(const Frame *frame, int h, Err *err)
{
    const char *nodes = frame_meta(frame, "nodes");
    int64_t w = h;
    if (nodes == NULL)
        err_set(err, "metadata 'nodes' is missing");
    if (nodes == NULL ||
        (frame_meta(frame, "width") != NULL && model_number(&w, frame, "width", 1, 1024, err) != 0))
        return NULL;
    Graph *graph = graph_new_sized(IMPORTED, h, (int)w, err);
    if (graph == NULL || graph_from_text(graph, nodes, err) == 0)
        return graph;
    graph_free(graph);
    return NULL;
}

static int finish(Graph *graph, const Frame *frame, int embedding, Err *err)
{
    if (check_params(graph, frame, err) != 0 || check_known(graph, frame, err) != 0 ||
        graph_finish(graph, err) != 0)
        return -1;
    if (graph->embedding != embedding)
        return err_set(err, "its nodes give %s, not %d",
                       counted(graph->embedding, "dimension", "dimensions").text, embedding);
    return fill(graph, frame, err);
}

Graph *model_graph(const Frame *frame, Err *err)
{
    int64_t embedding, size;
    const char *arch = frame_meta(frame, "arch");
    if (arch == NULL) {
        err_set(err, "metadata 'arch' is missing");
        return NULL;
    }
    if (model_number(&embedding, frame, "embedding", 1, 65536, err) != 0 ||
        model_number(&size, frame, "size", 1, 1024, err) != 0)
        return NULL;
    Graph *graph = strcmp(arch, IMPORTED) == 0 ? outlined_graph(frame, (int)size, err)
                                               : arch_outline(arch, (int)embedding, (int)size, err);
    if (graph != NULL && finish(graph, frame, (int)embedding, err) == 0)
        return graph;
    graph_free(graph);
    return NULL;
}

static int read_only_frame(Frame *frame, StreamReader *reader, Err *err)
{
    Frame more = {0};
    int rc = reader_next(reader, frame, err);
    if (rc == 0)
        return err_set(err, "%s: no model in it", reader_name(reader));
    if (rc < 0)
        return -1;
    const char *kind = frame_meta(frame, "kind");
    if (kind == NULL || strcmp(kind, "model") != 0)
        return err_set(err, "%s: its kind is '%s', not 'model'", reader_name(reader),
                       kind != NULL ? kind : "(none)");
    while ((rc = reader_next(reader, &more, err)) == 1) {
        size_t tensors = more.tensors;
        frame_release(&more);
        if (tensors > 0)
            return err_set(err, "%s: more than one frame in a model", reader_name(reader));
    }
    return rc;
}

static int read_from(Frame *frame, StreamReader *reader, Err *err)
{
    *frame = (Frame){0};
    if (reader == NULL)
        return -1;
    int rc = read_only_frame(frame, reader, err);
    reader_close(reader);
    if (rc != 0)
        frame_release(frame);
    return rc;
}

int model_read(Frame *frame, const char *path, Err *err)
{
    return read_from(frame, reader_open(path, err), err);
}

int model_parse(Frame *frame, const char *name, const void *bytes, size_t size, Err *err)
{
    return read_from(frame, reader_open_bytes(name, bytes, size, err), err);
}
