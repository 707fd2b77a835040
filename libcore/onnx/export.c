#include "onnx/export_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "onnx/exporter_internal.h"

/* Which scales and shifts go into the weights before them: all, or shifts alone, which are their
 * bias. */
static void decide_folding(Export *x)
{
    const Graph *graph = x->graph;
    for (int n = 0; n < graph->node_count; n++) {
        x->written[n].folded = -1;
        for (int i = 0; i < 2; i++)
            if (graph->nodes[n].input[i] >= 0)
                x->written[graph->nodes[n].input[i]].consumers++;
    }
    for (int n = 1; n < graph->node_count; n++) {
        const Node *node = &graph->nodes[n];
        bool weights = node_is(&graph->nodes[node->input[0]], LAYER_WEIGHTED);
        bool shift = !node_is(node, LAYER_NORMALISES) && !node->scale;
        if (!weights || !node_is(node, LAYER_SCALES) || x->written[node->input[0]].consumers != 1 ||
            !(x->options.fold || shift))
            continue;
        x->written[node->input[0]].folded = n;
        x->written[n].taken = true;
    }
}

static void put_ends(Export *x)
{
    const Graph *graph = x->graph;
    const Shape *s = &graph->nodes[0].shape;
    const int64_t image[4] = {0, 3, s->oh, s->ow}, row[2] = {0, graph->embedding};
    char text[PIXELS_TEXT];
    message_value(&x->m, true, "input", 4, image);
    message_value(&x->m, false, "embedding", 2, row);
    pixels_print(text, graph->pixels.mean, 17);
    message_metadata(&x->m, "pixel_mean", text);
    pixels_print(text, graph->pixels.scale, 17);
    message_metadata(&x->m, "pixel_scale", text);
    message_metadata(&x->m, "pixel_order", graph->pixels.bgr ? "bgr" : "rgb");
    message_metadata(&x->m, "arch", graph->arch);
    message_opset(&x->m, x->options.opset);
}

static void put_all(Export *x)
{
    int last = x->graph->node_count - 1;
    x->written[0].rank = 4;
    snprintf(x->written[0].value.text, VALUE_NAME_ROOM, "input");
    for (int n = 1; n <= last; n++)
        export_node(x, n);
    if (x->written[last].rank == 4)
        message_node(&x->m, "Flatten", x->written[last].value.text, "embedding");
    message_rename(&x->m, "embedding");
    put_ends(x);
}

static uint8_t *packed(const Message *m, size_t *size)
{
    *size = onnx__model_proto__get_packed_size(m->model);
    uint8_t *bytes = malloc(*size + 1);
    if (bytes != NULL)
        onnx__model_proto__pack(m->model, bytes);
    return bytes;
}

/* What would not be the same net, or no model others can read. */
static int check(const Graph *graph, const ExportOptions *options, Err *err)
{
    const Node *last = &graph->nodes[graph->node_count - 1];
    if (options->opset < OPSET_FIRST || options->opset > OPSET_LAST)
        return err_set(err, "opset %d is not between %d and %d", options->opset, OPSET_FIRST,
                       OPSET_LAST);
    if (graph->length > INT32_MAX / sizeof(float))
        return err_set(err, "an ONNX file cannot hold more than 2 GiB");
    if (graph->node_count < 2 || (last->shape.oh * last->shape.ow > 1 && last->shape.o > 1))
        return err_set(err, "its embedding is an image");
    for (int n = 1; n < graph->node_count; n++) {
        const Node *node = &graph->nodes[n];
        if (node->kind == LAYER_ROUND && options->opset < 10)
            return err_set(err, "a quantised net needs opset 10");
        if (node->kind == LAYER_MEAN_POOL && node->window.dh * node->window.dw > 1 &&
            options->opset < 19)
            return err_set(err, "a mean over a dilated window needs opset 19");
    }
    return 0;
}

uint8_t *onnx_export(const Graph *graph, const ExportOptions *options, size_t *size, Err *err)
{
    uint8_t *bytes = NULL;
    if (check(graph, options, err) != 0)
        return NULL;
    Export x = {.graph = graph, .options = *options};
    x.written = calloc((size_t)graph->node_count, sizeof *x.written);
    message_init(&x.m);
    x.m.failed = x.m.failed || x.written == NULL;
    if (!x.m.failed) {
        decide_folding(&x);
        put_all(&x);
    }
    if (!x.m.failed)
        bytes = packed(&x.m, size);
    if (bytes == NULL)
        err_memory(err, "an ONNX model", graph->length * sizeof(float));
    if (x.m.model != NULL)
        onnx__model_proto__free_unpacked(x.m.model, NULL);
    free(x.written);
    return bytes;
}
