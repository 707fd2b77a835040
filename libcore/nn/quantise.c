#include "nn/quantise_internal.h"

#include <stdlib.h>
#include <string.h>

#include "layers/conv_integer_internal.h"
#include "layers/round_internal.h"
#include "nn/graph_text_internal.h"

static const real *weight_of(const Graph *graph, const Node *node)
{
    return param_in(graph, graph->values, node->param[0]);
}

static bool is_quantised(const Graph *graph, const Node *node, const Range *range)
{
    int in = node->input[0];
    return node->kind == LAYER_CONV && graph->nodes[in].kind != LAYER_INPUT &&
           graph->nodes[in].kind != LAYER_ROUND && range[in].largest > range[in].least;
}

/* 0 is a level, for what is padded. */
static Node round_node(int input, const Shape *shape, const Range *range)
{
    double least = fmin((double)range->least, 0), largest = fmax((double)range->largest, 0);
    Node node = {.kind = LAYER_ROUND, .input = {input, -1}};
    for (int i = 0; i < NODE_PARAMS; i++)
        node.param[i] = -1;
    node.step = (double)(float)((largest - least) / (ROUND_LEVELS - 1));
    node.low = (int)rint(least / node.step);
    node.low = node.low < -ROUND_FARTHEST ? -ROUND_FARTHEST : node.low;
    node.high = node.low + ROUND_LEVELS - 1;
    node.shape = shape_of(shape->oh, shape->ow, shape->o, shape->o, 1, 1, 0);
    return node;
}

static void round_weights(Graph *graph, const Node *node)
{
    real *weight = param_in(graph, graph->values, node->param[0]);
    int64_t k = (int64_t)node->shape.kernel * node->shape.kernel * node->shape.c;
    for (int64_t j = 0; j < node->shape.o; j++, weight += k) {
        double step = conv_integer_finest(weight, k);
        for (int64_t i = 0; i < k; i++)
            weight[i] = (real)(rint((double)weight[i] / step) * step);
    }
}

/* Where nodes went: of each its new number, and that of what rounds its output, or -1. */
typedef struct Places {
    int *node, *rounded;
} Places;

static int place_rounded(Graph *to, const Graph *from, Places *at, int n, const Range *range)
{
    if (at->rounded[n] < 0) {
        at->rounded[n] = to->node_count;
        to->nodes[to->node_count++] = round_node(at->node[n], &from->nodes[n].shape, &range[n]);
    }
    return at->rounded[n];
}

static void place_node(Graph *to, const Graph *from, Places *at, int n, const Range *range,
                       int *layers)
{
    Node node = from->nodes[n];
    bool quantised = is_quantised(from, &node, range);
    for (int i = 0; i < 2; i++)
        if (node.input[i] >= 0)
            node.input[i] = quantised ? place_rounded(to, from, at, node.input[i], range)
                                      : at->node[node.input[i]];
    if (quantised)
        round_weights(to, &node);
    *layers += quantised;
    at->node[n] = to->node_count;
    to->nodes[to->node_count++] = node;
}

/* The nodes of `from`, with those that round between them */
static int place_all(Graph *to, const Graph *from, const Range *range, int *layers, Err *err)
{
    size_t n = (size_t)from->node_count;
    Node *nodes = calloc(2 * n, sizeof *nodes);
    int *place = malloc(2 * n * sizeof *place);
    if (nodes == NULL || place == NULL) {
        free(nodes);
        free(place);
        return err_memory(err, "a net", 2 * n * sizeof *nodes);
    }
    Places at = {place, place + n};
    free(to->nodes);
    to->nodes = nodes;
    to->node_room = (int)(2 * n);
    to->node_count = 0;
    for (size_t i = 0; i < n; i++)
        at.rounded[i] = -1;
    for (size_t i = 0; i < n; i++)
        place_node(to, from, &at, (int)i, range, layers);
    for (int i = 0; i < to->output_count; i++)
        to->output[i] = at.node[from->output[i]];
    free(place);
    return 0;
}

static int fill(Graph *to, const Graph *from, const Range *range, int *layers, Err *err)
{
    char *arch = strdup(IMPORTED);
    if (arch == NULL)
        return err_memory(err, "a net", sizeof IMPORTED);
    free(to->arch);
    to->arch = arch;
    memcpy(to->values, from->values, from->length * sizeof *to->values);
    memcpy(to->counts, from->counts, from->counters * sizeof *to->counts);
    if (place_all(to, from, range, layers, err) != 0)
        return -1;
    return *layers > 0 ? 0 : err_set(err, "the net has no convolutions to quantise");
}

Graph *graph_quantised(const Graph *graph, const Range *range, int *layers, Err *err)
{
    Graph *copy = graph_copy(graph, err);
    *layers = 0;
    if (copy == NULL || fill(copy, graph, range, layers, err) == 0)
        return copy;
    graph_free(copy);
    return NULL;
}

bool graph_rounds(const Graph *graph)
{
    for (int n = 0; n < graph->node_count; n++)
        if (graph->nodes[n].kind == LAYER_ROUND)
            return true;
    return false;
}

int graph_mark_integers(Graph *graph)
{
    int count = 0;
    for (int n = 0; n < graph->node_count; n++) {
        Node *node = &graph->nodes[n];
        if (node->kind != LAYER_CONV)
            continue;
        const Node *in = &graph->nodes[node->input[0]];
        if (in->kind != LAYER_ROUND || !conv_integer_fits(weight_of(graph, node), &node->shape))
            continue;
        node->step = in->step;
        node->low = in->low;
        node->high = in->high;
        count++;
    }
    return count;
}
