/* The layers that only imported graphs have. */
#include <stdlib.h>
#include <string.h>

#include "nn/array.h"
#include "nn/graph_parts.h"

static const Init zero = {INIT_CONSTANT, 0}, one = {INIT_CONSTANT, 1},
                  quarter = {INIT_CONSTANT, 0.25};

int graph_affine(Graph *graph, int in, const char *name, bool scale, bool shift, const char *slope)
{
    int node = graph_add_node(graph, NODE_AFFINE, in, -1, graph_same_shape(graph, in));
    int c = graph->nodes[node].shape.o;
    int gamma = scale ? graph_add_vector(graph, name, "weight", PARAM_NORM, c, one) : -1;
    int beta = shift ? graph_add_vector(graph, name, "bias", PARAM_NORM, c, zero) : -1;
    graph->nodes[node].param[NORM_GAMMA] = gamma;
    graph->nodes[node].param[NORM_BETA] = beta;
    if (slope != NULL)
        graph_fuse_prelu(graph, slope);
    return node;
}

void graph_fuse_prelu(Graph *graph, const char *name)
{
    Node *node = &graph->nodes[graph->node_count - 1];
    node->param[NORM_SLOPE] =
        graph_add_vector(graph, name, "weight", PARAM_SLOPE, node->shape.o, quarter);
}

/* A layer with a window over node `in`. */
static int add_window(Graph *graph, NodeKind kind, int in, const Window *window, int oh, int ow,
                      int out)
{
    Shape s = graph->nodes[in].shape;
    Shape shape = {.h = s.oh,
                   .w = s.ow,
                   .c = s.o,
                   .oh = oh,
                   .ow = ow,
                   .o = out,
                   .kernel = window->kh,
                   .stride = window->sh,
                   .pad = window->top};
    int node = graph_add_node(graph, kind, in, -1, shape);
    graph->nodes[node].window = *window;
    return node;
}

int graph_grouped(Graph *graph, int in, const char *name, int out, int groups, const Window *window,
                  int oh, int ow, Init init)
{
    int node = add_window(graph, NODE_GROUPED, in, window, oh, ow, out);
    int inputs = graph->nodes[node].shape.c / groups;
    graph->nodes[node].groups = groups;
    graph->nodes[node].param[0] =
        graph_add_param(graph, name, "weight",
                        (Param){.role = PARAM_WEIGHT,
                                .rank = 4,
                                .shape = {out, inputs, window->kh, window->kw},
                                .trainable = true,
                                .init = init,
                                .channels = out,
                                .taps = (int64_t)inputs * window->kh * window->kw});
    return node;
}

int graph_pool(Graph *graph, NodeKind kind, int in, const Window *window, int oh, int ow,
               bool padded)
{
    int node = add_window(graph, kind, in, window, oh, ow, graph->nodes[in].shape.o);
    graph->nodes[node].padded = padded;
    return node;
}

int graph_pad(Graph *graph, int in, int top, int left, int oh, int ow, double value)
{
    Window window = {
        .kh = 1, .kw = 1, .sh = 1, .sw = 1, .dh = 1, .dw = 1, .top = top, .left = left};
    int node = add_window(graph, NODE_PAD, in, &window, oh, ow, graph->nodes[in].shape.o);
    graph->nodes[node].constant[0] = value;
    return node;
}

int graph_upsample(Graph *graph, int in, int down, int across)
{
    Shape s = graph_same_shape(graph, in);
    s.oh *= down;
    s.ow *= across;
    return graph_add_node(graph, NODE_UPSAMPLE, in, -1, s);
}

int graph_curve(Graph *graph, int in, Curve curve, double a, double b)
{
    int node = graph_add_node(graph, NODE_CURVE, in, -1, graph_same_shape(graph, in));
    graph->nodes[node].curve = curve;
    graph->nodes[node].constant[0] = a;
    graph->nodes[node].constant[1] = b;
    return node;
}

int graph_multiply(Graph *graph, int a, int b)
{
    return graph_add_node(graph, NODE_MULTIPLY, a, b, graph_same_shape(graph, a));
}

int graph_concat(Graph *graph, int a, int b)
{
    Shape s = graph_same_shape(graph, a);
    s.o += graph->nodes[b].shape.o;
    return graph_add_node(graph, NODE_CONCAT, a, b, s);
}

int graph_maximum(Graph *graph, int a, int b)
{
    return graph_add_node(graph, NODE_MAXIMUM, a, b, graph_same_shape(graph, a));
}

int graph_channel_max(Graph *graph, int in)
{
    Shape s = graph_same_shape(graph, in);
    s.o = 1;
    return graph_add_node(graph, NODE_CHANNEL_MAX, in, -1, s);
}

int graph_select(Graph *graph, int in, const Selection *selection, int out)
{
    Shape s = graph_same_shape(graph, in);
    s.o = out;
    int node = graph_add_node(graph, NODE_SELECT, in, -1, s);
    graph->nodes[node].select = *selection;
    return node;
}

/* A number for each of an image, in PyTorch as [c,h,w]. */
static int add_plane(Graph *graph, const char *module, const char *leaf, const Shape *s, Init init)
{
    return graph_add_param(graph, module, leaf,
                           (Param){.role = PARAM_NORM,
                                   .rank = 3,
                                   .shape = {s->o, s->oh, s->ow},
                                   .trainable = true,
                                   .init = init,
                                   .channels = s->o,
                                   .taps = (int64_t)s->oh * s->ow});
}

int graph_plane(Graph *graph, int in, const char *name, bool scale, bool shift)
{
    Shape s = graph_same_shape(graph, in);
    int node = graph_add_node(graph, NODE_PLANE, in, -1, s);
    int gamma = scale ? add_plane(graph, name, "weight", &s, one) : -1;
    int beta = shift ? add_plane(graph, name, "bias", &s, zero) : -1;
    graph->nodes[node].param[NORM_GAMMA] = gamma;
    graph->nodes[node].param[NORM_BETA] = beta;
    return node;
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
