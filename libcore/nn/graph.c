#include "nn/graph_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/rng_internal.h"

enum { ALIGN = 16 };

void graph_dropout(Graph *graph, double share)
{
    graph->nodes[graph->node_count - 1].dropout = share;
}

Init init_fan_in(int64_t fan_in)
{
    return (Init){INIT_UNIFORM, 1 / sqrt((double)fan_in)};
}

static char *joined(const char *module, const char *leaf)
{
    size_t size = strlen(module) + strlen(leaf) + 2;
    char *name = malloc(size);
    if (name != NULL)
        snprintf(name, size, "%s.%s", module, leaf);
    return name;
}

/* Appends a parameter of the module and returns its index; -1, and the graph has failed, without
 * memory. */
static int add_param(Graph *graph, const char *module, Param param)
{
    Param *p = array_append(&graph->params, &graph->param_count, &graph->param_room, sizeof *p);
    param.name = joined(module, param.leaf);
    if (p == NULL || param.name == NULL) {
        graph->failed = true;
        free(param.name);
        if (p != NULL)
            graph->param_count--;
        return -1;
    }
    param.trainable = param.role != PARAM_STATE && param.role != PARAM_COUNT;
    param.count = 1;
    for (int i = 0; i < param.rank; i++)
        param.count *= (size_t)param.shape[i];
    if (param.role == PARAM_COUNT) {
        param.offset = graph->counters++;
    } else {
        param.offset = graph->length;
        graph->length += (param.count + ALIGN - 1) / ALIGN * ALIGN;
    }
    *p = param;
    return graph->param_count - 1;
}

static int add_node(Graph *graph, const Node *as)
{
    Node *node = array_append(&graph->nodes, &graph->node_count, &graph->node_room, sizeof *node);
    if (node == NULL) {
        graph->failed = true;
        return 0;
    }
    *node = *as;
    return graph->node_count - 1;
}

int graph_layer(Graph *graph, const Node *as, const char *name, const char *slope, Init init)
{
    const Layer *layer = layer_of(as->kind);
    Node node = *as;
    Param param[NODE_PARAMS] = {0};
    bool two = layer->inputs == 2;
    node.input[1] = two ? node.input[1] : -1;
    if (!layer->fit(&node, &graph->nodes[node.input[0]].shape,
                    two ? &graph->nodes[node.input[1]].shape : NULL)) {
        graph->unfit = graph->unfit == 0 ? graph->node_count : graph->unfit;
        return 0;
    }
    if (layer->params != NULL)
        layer->params(param, &node, init);
    for (int i = 0; i < NODE_PARAMS; i++) {
        const char *module = i == NORM_SLOPE ? slope : name;
        bool there = param[i].leaf != NULL && module != NULL;
        node.param[i] = there ? add_param(graph, module, param[i]) : -1;
    }
    return add_node(graph, &node);
}

void graph_fuse_prelu(Graph *graph, const char *name)
{
    Node *node = &graph->nodes[graph->node_count - 1];
    Param param[NODE_PARAMS] = {0};
    layer_of(node->kind)->params(param, node, (Init){INIT_CONSTANT, 0});
    node->param[NORM_SLOPE] = add_param(graph, name, param[NORM_SLOPE]);
}

Graph *graph_new(const char *arch, int size, Err *err)
{
    return graph_new_sized(arch, size, size, err);
}

Graph *graph_new_sized(const char *arch, int h, int w, Err *err)
{
    Graph *graph = calloc(1, sizeof *graph);
    if (graph != NULL) {
        graph->arch = strdup(arch);
        graph->size = h;
        graph->pixels = (Pixels)PIXELS_ALIKE(127.5, 1 / 127.5, false);
        add_node(graph, &(Node){.kind = LAYER_INPUT,
                                .input = {-1, -1},
                                .param = {-1, -1, -1, -1, -1, -1},
                                .shape = shape_of(h, w, 3, 3, 1, 1, 0)});
    }
    if (graph == NULL || graph->arch == NULL || graph->failed) {
        graph_free(graph);
        err_memory(err, "a network", sizeof *graph);
        return NULL;
    }
    return graph;
}

void graph_free(Graph *graph)
{
    if (graph == NULL)
        return;
    for (int i = 0; i < graph->param_count; i++)
        free(graph->params[i].name);
    free(graph->params);
    free(graph->nodes);
    free(graph->values);
    free(graph->counts);
    free(graph->arch);
    free(graph);
}

static Param *find(const Graph *graph, const char *name)
{
    for (int i = 0; i < graph->param_count; i++)
        if (strcmp(graph->params[i].name, name) == 0)
            return &graph->params[i];
    return NULL;
}

const Param *graph_param(const Graph *graph, const char *name)
{
    return find(graph, name);
}

void graph_freeze(Graph *graph, const char *name)
{
    Param *param = find(graph, name);
    if (param != NULL)
        param->trainable = false;
}

int graph_finish(Graph *graph, Err *err)
{
    if (graph->output_count == 0)
        graph->output[graph->output_count++] = graph->node_count - 1;
    graph->embedding = (int)node_size(&graph->nodes[graph->output[0]]);
    if (graph->failed)
        return err_memory(err, "a network", sizeof *graph);
    if (graph->unfit != 0)
        return err_set(err, "layer %d of the net does not go with what it reads", graph->unfit);
    graph->values = block_new(graph->length, "the parameters of the network", err);
    graph->counts = calloc(graph->counters + 1, sizeof *graph->counts);
    if (graph->counts == NULL)
        return err_memory(err, "the parameters of the network", graph->counters);
    return graph->values != NULL ? 0 : -1;
}

int graph_check(const Graph *graph, Err *err)
{
    for (int i = 0; i < graph->param_count; i++) {
        const Param *p = &graph->params[i];
        if (p->role == PARAM_COUNT)
            continue;
        for (size_t j = 0; j < p->count; j++)
            if (!isfinite(graph->values[p->offset + j]))
                return err_set(err, "tensor '%.200s' has numbers that are not finite", p->name);
    }
    return 0;
}

void graph_init(Graph *graph, uint64_t seed)
{
    const uint64_t purpose = 0x696e6974; /* "init": keeps these numbers apart from other draws */
    for (int i = 0; i < graph->param_count; i++) {
        const Param *p = &graph->params[i];
        if (p->role == PARAM_COUNT) {
            graph->counts[p->offset] = 0;
            continue;
        }
        real *v = graph->values + p->offset;
        Rng rng = rng_at(seed, purpose, (uint64_t)i, 0);
        for (size_t j = 0; j < p->count; j++) {
            if (p->init.kind == INIT_CONSTANT)
                v[j] = (real)p->init.value;
            else if (p->init.kind == INIT_UNIFORM)
                v[j] = (real)rng_range(&rng, -p->init.value, p->init.value);
            else
                v[j] = (real)(p->init.value * rng_normal(&rng));
        }
    }
}

const char *graph_arch(const Graph *graph)
{
    return graph->arch;
}

int graph_height(const Graph *graph)
{
    return graph->nodes[0].shape.oh;
}

int graph_width(const Graph *graph)
{
    return graph->nodes[0].shape.ow;
}

size_t graph_image_bytes(const Graph *graph)
{
    return node_size(&graph->nodes[0]);
}

int graph_dim(const Graph *graph)
{
    return graph->embedding;
}

const Pixels *graph_pixels(const Graph *graph)
{
    return &graph->pixels;
}

size_t graph_length(const Graph *graph)
{
    return graph->length;
}

real *graph_values(Graph *graph)
{
    return graph->values;
}

size_t graph_parameter_count(const Graph *graph)
{
    size_t sum = 0;
    for (int i = 0; i < graph->param_count; i++)
        if (graph->params[i].role != PARAM_STATE && graph->params[i].role != PARAM_COUNT)
            sum += graph->params[i].count;
    return sum;
}

/* Every weight once for each pixel of the output. */
uint64_t node_multiply_adds(const Graph *graph, const Node *node)
{
    if (!node_is(node, LAYER_WEIGHTED))
        return 0;
    return graph->params[node->param[0]].count * (uint64_t)node->shape.oh * node->shape.ow;
}

uint64_t graph_multiply_adds(const Graph *graph)
{
    uint64_t sum = 0;
    for (int i = 0; i < graph->node_count; i++)
        sum += node_multiply_adds(graph, &graph->nodes[i]);
    return sum;
}

Span node_span(const Graph *graph, const Node *node)
{
    size_t first = SIZE_MAX, end = 0;
    for (int i = 0; i < NODE_PARAMS; i++) {
        const Param *p = node->param[i] >= 0 ? &graph->params[node->param[i]] : NULL;
        if (p == NULL || p->role == PARAM_STATE || p->role == PARAM_COUNT)
            continue;
        first = p->offset < first ? p->offset : first;
        end = p->offset + p->count > end ? p->offset + p->count : end;
    }
    return end == 0 ? (Span){0, 0} : (Span){first, end - first};
}

void param_to_torch(const Param *param, float *torch, const real *ours)
{
    size_t channels = (size_t)param->channels, taps = (size_t)param->taps;
    size_t outer = param->count / (channels * taps);
    for (size_t o = 0; o < outer; o++, torch += channels * taps, ours += channels * taps)
        for (size_t c = 0; c < channels; c++)
            for (size_t t = 0; t < taps; t++)
                torch[c * taps + t] = (float)ours[t * channels + c];
}

void param_from_torch(const Param *param, real *ours, const float *torch)
{
    size_t channels = (size_t)param->channels, taps = (size_t)param->taps;
    size_t outer = param->count / (channels * taps);
    for (size_t o = 0; o < outer; o++, torch += channels * taps, ours += channels * taps)
        for (size_t t = 0; t < taps; t++)
            for (size_t c = 0; c < channels; c++)
                ours[t * channels + c] = torch[c * taps + t];
}

static int copy_param(Graph *copy, const Param *from)
{
    Param *p = array_append(&copy->params, &copy->param_count, &copy->param_room, sizeof *p);
    if (p == NULL)
        return -1;
    *p = *from;
    p->name = strdup(from->name);
    return p->name != NULL ? 0 : -1;
}

Graph *graph_copy(const Graph *graph, Err *err)
{
    Graph *copy = calloc(1, sizeof *copy);
    if (copy != NULL) {
        *copy = *graph;
        copy->arch = strdup(graph->arch);
        copy->nodes = NULL;
        copy->params = NULL;
        copy->values = NULL;
        copy->counts = NULL;
        copy->node_count = copy->node_room = copy->param_count = copy->param_room = 0;
        copy->failed = copy->arch == NULL;
        for (int i = 0; i < graph->param_count && !copy->failed; i++)
            copy->failed = copy_param(copy, &graph->params[i]) != 0;
        for (int i = 0; i < graph->node_count && !copy->failed; i++) {
            Node *node =
                array_append(&copy->nodes, &copy->node_count, &copy->node_room, sizeof *node);
            copy->failed = node == NULL;
            if (node != NULL)
                *node = graph->nodes[i];
        }
    }
    if (copy != NULL && graph_finish(copy, err) == 0)
        return copy;
    graph_free(copy);
    err_memory(err, "a network", sizeof *copy);
    return NULL;
}
