#include "onnx/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num_internal.h"
#include "nn/graph_text_internal.h"
#include "onnx/importer_internal.h"

enum { NODES_MAX = 8192, SIDE = 112, SIDE_MAX = 8192, EMBEDDING_MAX = 65536 };

/* The versions of ONNX's operators that are known; 25 came with ONNX 1.20. */
enum { OPSET_MIN = 7, OPSET_MAX = 25 };

/* Names and constants ---------------------------------------------------------------------------*/

static int count_names(const Onnx__GraphProto *model)
{
    size_t n = model->n_initializer + model->n_input + model->n_output;
    for (size_t i = 0; i < model->n_node && n < INT32_MAX / 8; i++)
        n += model->node[i]->n_input + model->node[i]->n_output;
    return n < INT32_MAX / 8 ? (int)n : -1;
}

static Value *value_of(Importer *im, const char *name)
{
    return &im->value[dictionary_add(&im->names, name)];
}

/* All names, and the constants behind some of them. */
static int collect(Importer *im)
{
    const Onnx__GraphProto *model = im->model;
    int room = count_names(model);
    if (room < 0 || model->n_node > NODES_MAX)
        return err_set(im->err, "it has more than %d nodes, or too many names", NODES_MAX);
    if (dictionary_init(&im->names, room, im->err) != 0)
        return -1;
    im->value = calloc((size_t)room + 1, sizeof *im->value);
    im->place = calloc((size_t)room + 1, sizeof *im->place);
    if (im->value == NULL || im->place == NULL)
        return err_memory(im->err, "values", (size_t)room * sizeof *im->value);
    for (int i = 0; i < room; i++)
        im->place[i] = i;
    for (size_t i = 0; i < model->n_initializer; i++)
        value_of(im, model->initializer[i]->name)->tensor = model->initializer[i];
    return 0;
}

/* Nodes that lead to an output: their inputs' uses are counted, needed[] is set. */
static void trace_back(Importer *im, bool *needed)
{
    const Onnx__GraphProto *model = im->model;
    for (size_t i = 0; i < im->outputs; i++)
        value_of(im, im->output[i]->name)->uses++;
    for (size_t n = model->n_node; n-- > 0;) {
        const Onnx__NodeProto *node = model->node[n];
        for (size_t i = 0; i < node->n_output; i++)
            needed[n] = needed[n] ||
                        (node->output[i][0] != '\0' && value_of(im, node->output[i])->uses > 0);
        for (size_t i = 0; i < node->n_input && needed[n]; i++)
            if (node->input[i][0] != '\0')
                value_of(im, node->input[i])->uses++;
    }
}

static int check_operators(Importer *im, const bool *needed)
{
    for (size_t i = 0; i < im->model->n_node; i++) {
        im->node = im->model->node[i];
        if (needed[i] && operator_of(im->node) == NULL)
            return importer_fail(im, "this operator is not supported%s%.60s",
                                 im->node->domain[0] != '\0' ? ", domain " : "", im->node->domain);
    }
    return 0;
}

/* The outputs -----------------------------------------------------------------------------------*/

/* The dimensions that are stated of an output: how many, -1 when they are not. 0 is any size. */
static int stated_dims(const Onnx__ValueInfoProto *output, int64_t dims[CONSTANT_RANK])
{
    const Onnx__TypeProto__Tensor *type = output->type != NULL ? output->type->tensor_type : NULL;
    if (type == NULL || type->shape == NULL || type->shape->n_dim > CONSTANT_RANK)
        return -1;
    for (size_t i = 0; i < type->shape->n_dim; i++)
        dims[i] = type->shape->dim[i]->dim_value;
    return (int)type->shape->n_dim;
}

/* Whether an output may be a row of numbers: only one dimension behind the batch's is not 1. What
 * is not stated may be. */
static bool may_be_embedding(const Onnx__ValueInfoProto *output)
{
    int64_t dims[CONSTANT_RANK];
    int rank = stated_dims(output, dims), not_one = 0;
    for (int i = 1; i < rank; i++)
        not_one += dims[i] != 1;
    return rank < 0 || not_one == 1;
}

/* "'a' [1,512], 'b' [?,1]" */
static void list_outputs(const Onnx__GraphProto *model, char *text, size_t size)
{
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < model->n_output && at + 100 < size; i++) {
        int64_t dims[CONSTANT_RANK];
        int rank = stated_dims(model->output[i], dims);
        at += (size_t)snprintf(text + at, size - at, "%s'%.40s'%s", i > 0 ? ", " : "",
                               model->output[i]->name, rank > 0 ? " [" : "");
        for (int d = 0; d < rank && at + 40 < size; d++) {
            char number[24] = "?";
            if (dims[d] > 0)
                snprintf(number, sizeof number, "%" PRId64, dims[d]);
            at += (size_t)snprintf(text + at, size - at, "%s%s", number, d == rank - 1 ? "]" : ",");
        }
    }
}

static int choose_embedding(Importer *im, const char *wanted)
{
    const Onnx__GraphProto *model = im->model;
    char outputs[700];
    for (size_t i = 0; i < model->n_output; i++) {
        Onnx__ValueInfoProto *output = model->output[i];
        if (wanted != NULL ? strcmp(output->name, wanted) != 0 : !may_be_embedding(output))
            continue;
        im->output[0] = output;
        im->outputs++;
    }
    if (im->outputs == 1)
        return 0;
    list_outputs(model, outputs, sizeof outputs);
    if (wanted != NULL)
        return err_set(im->err, "it has no output '%.60s', but %s", wanted, outputs);
    return err_set(im->err, "%s: its outputs are %s",
                   im->outputs > 1 ? "the output that is the embedding must be named"
                                   : "it has no output that can be an embedding, a row of numbers",
                   outputs);
}

static int choose_outputs(Importer *im, const ImportOptions *options)
{
    size_t n = im->model->n_output;
    if (n == 0 || (options->all && n > GRAPH_OUTPUTS))
        return err_set(im->err, "it has %zu outputs", n);
    if (!options->all)
        return choose_embedding(im, options->output);
    im->outputs = n;
    memcpy(im->output, im->model->output, n * sizeof(Onnx__ValueInfoProto *));
    return 0;
}

/* The input -------------------------------------------------------------------------------------*/

static const Onnx__ValueInfoProto *image_input(Importer *im)
{
    const Onnx__ValueInfoProto *found = NULL;
    for (size_t i = 0; i < im->model->n_input; i++) {
        const Value *value = value_of(im, im->model->input[i]->name);
        if (value->tensor != NULL || value->uses == 0)
            continue;
        if (found != NULL) {
            err_set(im->err, "it has two inputs, '%.60s' and '%.60s'", found->name,
                    im->model->input[i]->name);
            return NULL;
        }
        found = im->model->input[i];
    }
    if (found == NULL)
        err_set(im->err, "its output depends on no input");
    return found;
}

/* A side of the image: what is wanted, the model's own, or 112. */
static int side_of(Importer *im, int64_t own, int wanted, bool own_counts)
{
    if (own <= 0)
        return wanted > 0 ? wanted : SIDE;
    if (own > SIDE_MAX || (wanted > 0 && own != wanted && !own_counts))
        return err_set(im->err, "it takes images of %" PRId64 " pixels a side, not %d", own,
                       wanted > 0 ? wanted : SIDE_MAX);
    return (int)own;
}

static int open_input(Importer *im, const ImportOptions *options)
{
    const Onnx__ValueInfoProto *info = image_input(im);
    if (info == NULL)
        return -1;
    const Onnx__TypeProto__Tensor *type = info->type != NULL ? info->type->tensor_type : NULL;
    if (type == NULL || type->shape == NULL || type->shape->n_dim != 4)
        return err_set(im->err, "its input '%.60s' does not have four dimensions", info->name);
    int64_t dims[4];
    for (int i = 0; i < 4; i++)
        dims[i] = type->shape->dim[i]->dim_value;
    bool last = dims[1] != 3 && dims[3] == 3;
    if (!last && dims[1] != 3 && dims[1] != 0)
        return err_set(im->err, "its input '%.60s' has %" PRId64 " channels, not 3", info->name,
                       dims[1]);
    int h = side_of(im, dims[last ? 1 : 2], options->h, options->own_size),
        w = side_of(im, dims[last ? 2 : 3], options->w, options->own_size);
    if (h < 0 || w < 0)
        return -1;
    im->graph = graph_new_sized(IMPORTED, h, w, im->err);
    if (im->graph == NULL)
        return -1;
    im->batch = dims[0] > 0 ? dims[0] : 1;
    Value *value = value_of(im, info->name);
    value->kind = VALUE_COMPUTED;
    value->rank = 4;
    value->last = last;
    const int64_t shape[2][4] = {{im->batch, 3, h, w}, {im->batch, h, w, 3}};
    memcpy(value->dims, shape[last], sizeof shape[last]);
    return 0;
}

/* Pixels ----------------------------------------------------------------------------------------*/

static const char *metadata(const Onnx__ModelProto *model, const char *key)
{
    for (size_t i = 0; i < model->n_metadata_props; i++)
        if (strcmp(model->metadata_props[i]->key, key) == 0)
            return model->metadata_props[i]->value;
    return NULL;
}

/* What the file says of pixels, if it does. */
static void read_pixels(Pixels *pixels, const Onnx__ModelProto *model)
{
    const char *mean = metadata(model, "pixel_mean"), *scale = metadata(model, "pixel_scale"),
               *order = metadata(model, "pixel_order");
    Pixels stated = {0};
    if (mean != NULL && scale != NULL && pixels_parse(stated.mean, mean) &&
        pixels_parse(stated.scale, scale))
        *pixels = stated;
    pixels->bgr = order != NULL && strcmp(order, "bgr") == 0;
}

/* What the model wants of its input; then that becomes one with the scale and shift it begins
 * with: S s (p - mean) + T = S s (p - (mean - T / (S s))). */
static void set_pixels(const Importer *im, const Onnx__ModelProto *model,
                       const ImportOptions *options)
{
    static const Pixels raw = PIXELS_ALIKE(0, 1, false),
                        usual = PIXELS_ALIKE(127.5, 1 / 127.5, false);
    Pixels *pixels = &im->graph->pixels;
    *pixels = im->scaled ? raw : usual;
    read_pixels(pixels, model);
    import_pixels(pixels, options);
    for (int k = 0; k < COLOURS; k++)
        if (im->pixel_scale != 0 && pixels->scale[k] != 0) {
            pixels->scale[k] *= im->pixel_scale;
            pixels->mean[k] -= im->pixel_shift / pixels->scale[k];
        }
}

/* The whole -------------------------------------------------------------------------------------*/

static int run_nodes(Importer *im, const bool *needed)
{
    for (size_t i = 0; i < im->model->n_node; i++) {
        im->node = im->model->node[i];
        im->output_at = 0;
        if (!needed[i])
            continue;
        int rc = is_foldable(im) ? fold(im) : operator_of(im->node)(im);
        if (rc != 0)
            return err_is_set(im->err) ? -1 : importer_fail(im, "it makes no sense");
    }
    return 0;
}

static int put_outputs(Importer *im)
{
    for (size_t i = 0; i < im->outputs; i++) {
        const char *name = im->output[i]->name;
        Value *value = &im->value[im->place[dictionary_find(&im->names, name)]];
        if (value->kind != VALUE_COMPUTED)
            return err_set(im->err, "its output '%.60s' is not computed from an image", name);
        int node = settled(im, value);
        if (node < 0)
            return -1;
        if (!value->last && !is_orderless(im, value))
            return err_set(im->err, "its output '%.60s' is an image, not a row of numbers", name);
        im->graph->output[im->graph->output_count++] = node;
    }
    return 0;
}

/* Channels that died in training have weights that decayed to 1e-20 and less. Products of those are
 * no normal floats, with which processors compute many times slower: what cannot count beside the
 * largest weight of its layer becomes 0. */
static void drop_dust(real *weight, size_t n)
{
    const double dust = 1e-15;
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(weight[i]));
    for (size_t i = 0; i < n; i++)
        if (fabs(weight[i]) < dust * largest)
            weight[i] = 0;
}

static int finish(Importer *im)
{
    if (graph_finish(im->graph, im->err) != 0)
        return -1;
    for (int i = 0; i < im->filling_count; i++) {
        const Param *param = &im->graph->params[im->filling[i].param];
        real *values = im->graph->values + param->offset;
        param_from_torch(param, values, im->filling[i].number);
        if (param->role == PARAM_WEIGHT)
            drop_dust(values, param->count);
    }
    return graph_check(im->graph, im->err);
}

static int check_embedding(const Importer *im)
{
    const Graph *graph = im->graph;
    const char *name = im->output[0]->name;
    const Value *value = &im->value[im->place[dictionary_find(&im->names, name)]];
    size_t size = node_size(&graph->nodes[graph->output[0]]);
    int long_sides = 0;
    for (int i = 1; i < value->rank; i++)
        long_sides += value->dims[i] > 1;
    if (graph->output[0] != graph->node_count - 1 || graph->output[0] == 0)
        return err_set(im->err, "its output '%.60s' is not that of its last layer", name);
    if (size > EMBEDDING_MAX)
        return err_set(im->err,
                       "its output '%.60s' has %zu numbers, more than an embedding can have", name,
                       size);
    if (long_sides != 1)
        return err_set(im->err, "its output '%.60s' is %s, not an embedding", name,
                       size == 1 ? "one number" : "not a row of numbers");
    return 0;
}

static int build(Importer *im, const Onnx__ModelProto *model, const ImportOptions *options)
{
    im->output_max = options->all ? DETECTOR_OUTPUT_MAX : OUTPUT_MAX;
    if (choose_outputs(im, options) != 0)
        return -1;
    bool *needed = calloc(im->model->n_node + 1, sizeof *needed);
    if (needed == NULL)
        return err_memory(im->err, "nodes", im->model->n_node);
    int rc = collect(im);
    if (rc == 0) {
        trace_back(im, needed);
        rc = check_operators(im, needed);
    }
    if (rc == 0)
        rc = open_input(im, options);
    if (rc == 0)
        rc = run_nodes(im, needed);
    free(needed);
    if (rc != 0 || put_outputs(im) != 0 || (!options->all && check_embedding(im) != 0))
        return -1;
    set_pixels(im, model, options);
    return finish(im);
}

static void release(Importer *im)
{
    for (int i = 0; i < im->names.n; i++) {
        constant_release(&im->value[i].constant);
        free(im->value[i].pending.number);
    }
    for (int i = 0; i < im->filling_count; i++)
        free(im->filling[i].owned);
    free(im->filling);
    free(im->value);
    free(im->place);
    dictionary_release(&im->names);
}

static int check_opset(int64_t *opset, const Onnx__ModelProto *model, Err *err)
{
    *opset = 0;
    for (size_t i = 0; i < model->n_opset_import; i++)
        if (model->opset_import[i]->domain[0] == '\0' ||
            strcmp(model->opset_import[i]->domain, "ai.onnx") == 0)
            *opset = model->opset_import[i]->version;
    if (*opset < OPSET_MIN || *opset > OPSET_MAX)
        return err_set(err, "its operators are of opset %" PRId64 "; %d to %d are supported",
                       *opset, OPSET_MIN, OPSET_MAX);
    return 0;
}

Graph *onnx_import(const uint8_t *bytes, size_t size, const char *folder,
                   const ImportOptions *options, Err *err)
{
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, size, bytes);
    Importer im = {.err = err};
    int rc = -1;
    snprintf(im.folder, sizeof im.folder, "%s", folder);
    if (model == NULL || model->graph == NULL) {
        err_set(err, "it is not an ONNX model, or one that was cut or damaged");
    } else if (check_opset(&im.opset, model, err) == 0) {
        im.model = model->graph;
        rc = build(&im, model, options);
    }
    release(&im);
    if (model != NULL)
        onnx__model_proto__free_unpacked(model, NULL);
    if (rc == 0)
        return im.graph;
    graph_free(im.graph);
    return NULL;
}
