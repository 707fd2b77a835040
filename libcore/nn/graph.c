#include "nn/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nn/array.h"
#include "nn/graph_parts.h"

enum { ALIGN = 16 };

void graph_dropout(Graph *graph, double share)
{
    graph->nodes[graph->node_count - 1].dropout = share;
}

Init init_fan_in(int64_t fan_in)
{
    return (Init){INIT_UNIFORM, 1 / sqrt((double)fan_in)};
}

static const Init zero = {INIT_CONSTANT, 0}, one = {INIT_CONSTANT, 1},
                  quarter = {INIT_CONSTANT, 0.25};

static char *joined(const char *module, const char *leaf)
{
    size_t size = strlen(module) + strlen(leaf) + 2;
    char *name = malloc(size);
    if (name != NULL)
        snprintf(name, size, "%s.%s", module, leaf);
    return name;
}

int graph_add_param(Graph *graph, const char *module, const char *leaf, Param param)
{
    Param *p = array_append(&graph->params, &graph->param_count, &graph->param_room, sizeof *p);
    param.name = joined(module, leaf);
    if (p == NULL || param.name == NULL) {
        graph->failed = true;
        free(param.name);
        if (p != NULL)
            graph->param_count--;
        return -1;
    }
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

int graph_add_vector(Graph *graph, const char *module, const char *leaf, ParamRole role, int n,
                     Init init)
{
    return graph_add_param(graph, module, leaf,
                           (Param){.role = role,
                                   .rank = 1,
                                   .shape = {n},
                                   .trainable = role != PARAM_STATE,
                                   .init = init,
                                   .channels = n,
                                   .taps = 1});
}

int graph_add_node(Graph *graph, NodeKind kind, int a, int b, Shape shape)
{
    Node *node = array_append(&graph->nodes, &graph->node_count, &graph->node_room, sizeof *node);
    if (node == NULL) {
        graph->failed = true;
        return 0;
    }
    *node =
        (Node){.kind = kind, .input = {a, b}, .shape = shape, .param = {-1, -1, -1, -1, -1, -1}};
    return graph->node_count - 1;
}

Shape graph_same_shape(const Graph *graph, int in)
{
    Shape s = graph->nodes[in].shape;
    return shape_of(s.oh, s.ow, s.o, s.o, 1, 1, 0);
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
        graph_add_node(graph, NODE_INPUT, -1, -1, shape_of(h, w, 3, 3, 1, 1, 0));
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

static int add_convolution(Graph *graph, NodeKind kind, int in, const char *name, Shape shape,
                           int64_t fan, Init init)
{
    int node = graph_add_node(graph, kind, in, -1, shape);
    graph->nodes[node].param[0] =
        graph_add_param(graph, name, "weight",
                        (Param){.role = PARAM_WEIGHT,
                                .rank = 4,
                                .shape = {shape.o, fan, shape.kernel, shape.kernel},
                                .trainable = true,
                                .init = init,
                                .channels = shape.c,
                                .taps = shape.kernel * shape.kernel});
    return node;
}

int graph_conv(Graph *graph, int in, const char *name, int out, int kernel, int stride, int pad,
               Init init)
{
    Shape s = graph->nodes[in].shape;
    Shape shape = shape_of(s.oh, s.ow, s.o, out, kernel, stride, pad);
    return add_convolution(graph, NODE_CONV, in, name, shape, s.o, init);
}

int graph_depthwise(Graph *graph, int in, const char *name, int kernel, int stride, int pad,
                    Init init)
{
    Shape s = graph->nodes[in].shape;
    Shape shape = shape_of(s.oh, s.ow, s.o, s.o, kernel, stride, pad);
    return add_convolution(graph, NODE_DEPTHWISE, in, name, shape, 1, init);
}

int graph_norm(Graph *graph, int in, const char *name, const char *slope)
{
    int node = graph_add_node(graph, NODE_NORM, in, -1, graph_same_shape(graph, in));
    int c = graph->nodes[node].shape.o;
    int param[NODE_PARAMS];
    param[NORM_GAMMA] = graph_add_vector(graph, name, "weight", PARAM_NORM, c, one);
    param[NORM_BETA] = graph_add_vector(graph, name, "bias", PARAM_NORM, c, zero);
    param[NORM_MEAN] = graph_add_vector(graph, name, "running_mean", PARAM_STATE, c, zero);
    param[NORM_VAR] = graph_add_vector(graph, name, "running_var", PARAM_STATE, c, one);
    param[NORM_COUNT] =
        graph_add_param(graph, name, "num_batches_tracked", (Param){.role = PARAM_COUNT});
    param[NORM_SLOPE] =
        slope != NULL ? graph_add_vector(graph, slope, "weight", PARAM_SLOPE, c, quarter) : -1;
    memcpy(graph->nodes[node].param, param, sizeof param);
    return node;
}

int graph_prelu(Graph *graph, int in, const char *name)
{
    int node = graph_add_node(graph, NODE_PRELU, in, -1, graph_same_shape(graph, in));
    graph->nodes[node].param[0] =
        graph_add_vector(graph, name, "weight", PARAM_SLOPE, graph->nodes[node].shape.o, quarter);
    return node;
}

int graph_add(Graph *graph, int a, int b)
{
    return graph_add_node(graph, NODE_ADD, a, b, graph_same_shape(graph, a));
}

int graph_linear(Graph *graph, int in, const char *name, int out, bool bias, Init init)
{
    Shape s = graph->nodes[in].shape;
    int64_t taps = (int64_t)s.oh * s.ow;
    Shape shape = {.h = s.oh, .w = s.ow, .c = s.o, .oh = 1, .ow = 1, .o = out};
    int node = graph_add_node(graph, NODE_LINEAR, in, -1, shape);
    graph->nodes[node].param[0] = graph_add_param(graph, name, "weight",
                                                  (Param){.role = PARAM_WEIGHT,
                                                          .rank = 2,
                                                          .shape = {out, taps * s.o},
                                                          .trainable = true,
                                                          .init = init,
                                                          .channels = s.o,
                                                          .taps = taps});
    if (bias)
        graph->nodes[node].param[1] = graph_add_vector(graph, name, "bias", PARAM_BIAS, out, init);
    return node;
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
    if (node->kind != NODE_CONV && node->kind != NODE_DEPTHWISE && node->kind != NODE_LINEAR &&
        node->kind != NODE_GROUPED)
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
