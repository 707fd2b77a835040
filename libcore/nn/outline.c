#include "nn/outline.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

enum { NAME_ROOM = 160, SIDE_MAX = 1 << 16, OUTPUT_MAX = 1 << 26, NODES_MAX = 1 << 14 };

static const char *const kinds[] = {
    [NODE_CONV] = "conv",
    [NODE_DEPTHWISE] = "depthwise",
    [NODE_NORM] = "norm",
    [NODE_PRELU] = "prelu",
    [NODE_ADD] = "add",
    [NODE_LINEAR] = "linear",
    [NODE_AFFINE] = "affine",
    [NODE_GROUPED] = "grouped",
    [NODE_MAX_POOL] = "maxpool",
    [NODE_MEAN_POOL] = "meanpool",
    [NODE_MULTIPLY] = "multiply",
    [NODE_CONCAT] = "concat",
    [NODE_PAD] = "pad",
    [NODE_UPSAMPLE] = "upsample",
    [NODE_CURVE] = "curve",
    [NODE_MAXIMUM] = "maximum",
    [NODE_CHANNEL_MAX] = "channelmax",
    [NODE_SELECT] = "select",
    [NODE_PLANE] = "plane",
};
_Static_assert(sizeof kinds / sizeof *kinds == NODE_KINDS, "every kind has its name");

/* Writing ---------------------------------------------------------------------------------------*/

/* The module a parameter belongs to: its name without the last part; "-" for none. */
static void put_module(FILE *f, const Graph *graph, int param)
{
    if (param < 0) {
        fputs(" -", f);
        return;
    }
    const char *name = graph->params[param].name, *dot = strrchr(name, '.');
    fprintf(f, " %.*s", dot != NULL ? (int)(dot - name) : 0, name);
}

static void put_window(FILE *f, const Node *node)
{
    const Window *w = &node->window;
    fprintf(f, " %d %d %d %d %d %d %d %d %d %d", node->shape.oh, node->shape.ow, w->kh, w->kw,
            w->sh, w->sw, w->dh, w->dw, w->top, w->left);
}

static void put_node(FILE *f, const Graph *graph, const Node *node)
{
    const Shape *s = &node->shape;
    const int *param = node->param;
    fprintf(f, "%s %d", kinds[node->kind], node->input[0]);
    if (node->input[1] >= 0)
        fprintf(f, " %d", node->input[1]);
    bool norm = node->kind == NODE_NORM, affine = node->kind == NODE_AFFINE,
         plane = node->kind == NODE_PLANE;
    if (affine || norm || plane || param[0] >= 0)
        put_module(f, graph, param[0] >= 0 ? param[0] : param[NORM_BETA]);
    if (node->kind == NODE_CONV || node->kind == NODE_DEPTHWISE)
        fprintf(f, " %d %d %d %d", s->o, s->kernel, s->stride, s->pad);
    else if (node->kind == NODE_LINEAR)
        fprintf(f, " %d %d", s->o, param[1] >= 0);
    else if (node->kind == NODE_GROUPED)
        fprintf(f, " %d %d", s->o, node->groups);
    else if (affine || plane)
        fprintf(f, " %d %d", param[NORM_GAMMA] >= 0, param[NORM_BETA] >= 0);
    else if (node->kind == NODE_MAX_POOL || node->kind == NODE_MEAN_POOL)
        fprintf(f, " %d", node->padded);
    else if (node->kind == NODE_PAD)
        fprintf(f, " %d %d %d %d %.17g", s->oh, s->ow, node->window.top, node->window.left,
                node->constant[0]);
    else if (node->kind == NODE_UPSAMPLE)
        fprintf(f, " %d %d", s->oh / s->h, s->ow / s->w);
    else if (node->kind == NODE_CURVE)
        fprintf(f, " %d %.17g %.17g", node->curve, node->constant[0], node->constant[1]);
    else if (node->kind == NODE_SELECT)
        fprintf(f, " %d %d %d %d %d", s->o, node->select.first, node->select.run, node->select.step,
                node->select.jump);
    if (node->kind == NODE_GROUPED || node->kind == NODE_MAX_POOL || node->kind == NODE_MEAN_POOL)
        put_window(f, node);
    if (norm || affine)
        put_module(f, graph, param[NORM_SLOPE]);
    fputc('\n', f);
}

char *outline_text(const Graph *graph, Err *err)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    if (f == NULL) {
        err_memory(err, "the outline of a network", 0);
        return NULL;
    }
    for (int i = 1; i < graph->node_count; i++)
        put_node(f, graph, &graph->nodes[i]);
    for (int i = 0; i < graph->param_count; i++) {
        const Param *p = &graph->params[i];
        if (!p->trainable && p->role != PARAM_STATE && p->role != PARAM_COUNT)
            fprintf(f, "frozen %s\n", p->name);
    }
    bool failed = ferror(f) != 0;
    if (fclose(f) == 0 && !failed)
        return text;
    free(text);
    err_memory(err, "the outline of a network", 0);
    return NULL;
}

/* Reading ---------------------------------------------------------------------------------------*/

/* What is left of a line; `bad` once something was missing or out of range. */
typedef struct Line {
    const char *at, *end;
    bool bad;
} Line;

static void word(Line *line, char *out, size_t size)
{
    size_t n = 0;
    while (line->at < line->end && *line->at == ' ')
        line->at++;
    while (line->at < line->end && *line->at != ' ' && n + 1 < size)
        out[n++] = *line->at++;
    out[n] = '\0';
    line->bad = line->bad || n == 0 || (line->at < line->end && *line->at != ' ');
}

static int whole(Line *line, int64_t min, int64_t max)
{
    char text[32];
    int64_t value = min;
    word(line, text, sizeof text);
    line->bad = line->bad || !num_int(text, min, max, &value);
    return (int)(line->bad ? min : value);
}

static double number(Line *line)
{
    char text[40];
    double value = 0;
    word(line, text, sizeof text);
    bool infinite = strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0;
    line->bad = line->bad || (!infinite && !num_double(text, -FLT_MAX, FLT_MAX, &value));
    return infinite ? (text[0] == '-' ? -INFINITY : INFINITY) : value;
}

/* Whether a window that makes so many outputs along an axis is of a size to count with. */
static bool fits(int size, int kernel, int stride, int dilation, int before, int outputs)
{
    int64_t reach = (int64_t)(kernel - 1) * dilation + 1;
    int64_t behind = (int64_t)(outputs - 1) * stride + reach - size - before;
    return reach <= SIDE_MAX && behind <= SIDE_MAX;
}

static Window window(Line *line, const Shape *in, int *oh, int *ow)
{
    Window w;
    *oh = whole(line, 1, SIDE_MAX);
    *ow = whole(line, 1, SIDE_MAX);
    w.kh = whole(line, 1, SIDE_MAX);
    w.kw = whole(line, 1, SIDE_MAX);
    w.sh = whole(line, 1, SIDE_MAX);
    w.sw = whole(line, 1, SIDE_MAX);
    w.dh = whole(line, 1, SIDE_MAX);
    w.dw = whole(line, 1, SIDE_MAX);
    w.top = whole(line, 0, SIDE_MAX);
    w.left = whole(line, 0, SIDE_MAX);
    line->bad = line->bad || !fits(in->oh, w.kh, w.sh, w.dh, w.top, *oh) ||
                !fits(in->ow, w.kw, w.sw, w.dw, w.left, *ow);
    return w;
}

static const Init none = {INIT_CONSTANT, 0};

static void build_convolution(Graph *graph, Line *line, NodeKind kind, int in, const char *name)
{
    const Shape *s = &graph->nodes[in].shape;
    int out = whole(line, 1, SIDE_MAX), kernel = whole(line, 1, SIDE_MAX),
        stride = whole(line, 1, SIDE_MAX), pad = whole(line, 0, SIDE_MAX);
    if (line->bad || s->oh + 2 * pad < kernel || s->ow + 2 * pad < kernel ||
        (kind == NODE_DEPTHWISE && out != s->o))
        line->bad = true;
    else if (kind == NODE_CONV)
        graph_conv(graph, in, name, out, kernel, stride, pad, none);
    else
        graph_depthwise(graph, in, name, kernel, stride, pad, none);
}

static void build_grouped(Graph *graph, Line *line, int in, const char *name)
{
    int out = whole(line, 1, SIDE_MAX), groups = whole(line, 1, SIDE_MAX), oh, ow;
    Window w = window(line, &graph->nodes[in].shape, &oh, &ow);
    line->bad = line->bad || out % groups != 0 || graph->nodes[in].shape.o % groups != 0;
    if (!line->bad)
        graph_grouped(graph, in, name, out, groups, &w, oh, ow, none);
}

static void build_scaled(Graph *graph, Line *line, NodeKind kind, int in, const char *name)
{
    char slope[NAME_ROOM];
    bool affine = kind == NODE_AFFINE;
    bool scale = affine && whole(line, 0, 1), shift = affine && whole(line, 0, 1);
    word(line, slope, sizeof slope);
    if (line->bad)
        return;
    if (affine)
        graph_affine(graph, in, name, scale, shift, strcmp(slope, "-") != 0 ? slope : NULL);
    else
        graph_norm(graph, in, name, strcmp(slope, "-") != 0 ? slope : NULL);
}

static void build_named(Graph *graph, Line *line, NodeKind kind, int in)
{
    char name[NAME_ROOM];
    word(line, name, sizeof name);
    if (kind == NODE_CONV || kind == NODE_DEPTHWISE) {
        build_convolution(graph, line, kind, in, name);
    } else if (kind == NODE_GROUPED) {
        build_grouped(graph, line, in, name);
    } else if (kind == NODE_PRELU) {
        graph_prelu(graph, in, name);
    } else if (kind == NODE_LINEAR) {
        int out = whole(line, 1, SIDE_MAX);
        bool bias = whole(line, 0, 1) != 0;
        if (!line->bad)
            graph_linear(graph, in, name, out, bias, none);
    } else if (kind == NODE_PLANE) {
        bool scale = whole(line, 0, 1) != 0, shift = whole(line, 0, 1) != 0;
        if (!line->bad)
            graph_plane(graph, in, name, scale, shift);
    } else {
        build_scaled(graph, line, kind, in, name);
    }
}

static void build_pair(Graph *graph, Line *line, NodeKind kind, int in)
{
    int other = whole(line, 0, graph->node_count - 1);
    const Shape *s = &graph->nodes[in].shape, *t = &graph->nodes[other].shape;
    bool same = s->oh == t->oh && s->ow == t->ow, one = t->oh == 1 && t->ow == 1;
    if (line->bad || (kind != NODE_CONCAT && s->o != t->o) ||
        !(same || (kind == NODE_MULTIPLY && one)))
        line->bad = true;
    else if (kind == NODE_ADD)
        graph_add(graph, in, other);
    else if (kind == NODE_MAXIMUM)
        graph_maximum(graph, in, other);
    else if (kind == NODE_MULTIPLY)
        graph_multiply(graph, in, other);
    else
        graph_concat(graph, in, other);
}

static void build_sized(Graph *graph, Line *line, NodeKind kind, int in)
{
    const Shape s = graph->nodes[in].shape;
    if (kind == NODE_MAX_POOL || kind == NODE_MEAN_POOL) {
        int oh, ow;
        bool padded = whole(line, 0, 1) != 0;
        Window w = window(line, &s, &oh, &ow);
        if (!line->bad)
            graph_pool(graph, kind, in, &w, oh, ow, padded);
    } else if (kind == NODE_PAD) {
        int oh = whole(line, 1, SIDE_MAX), ow = whole(line, 1, SIDE_MAX),
            top = whole(line, 0, SIDE_MAX), left = whole(line, 0, SIDE_MAX);
        double value = number(line);
        line->bad = line->bad || top + s.oh > oh || left + s.ow > ow;
        if (!line->bad)
            graph_pad(graph, in, top, left, oh, ow, value);
    } else if (kind == NODE_UPSAMPLE) {
        int down = whole(line, 1, SIDE_MAX / s.oh), across = whole(line, 1, SIDE_MAX / s.ow);
        if (!line->bad)
            graph_upsample(graph, in, down, across);
    } else {
        Curve curve = (Curve)whole(line, 0, CURVES - 1);
        double a = number(line), b = number(line);
        if (!line->bad)
            graph_curve(graph, in, curve, a, b);
    }
}

static void build_select(Graph *graph, Line *line, int in)
{
    int out = whole(line, 1, SIDE_MAX), c = graph->nodes[in].shape.o;
    Selection s;
    s.first = whole(line, 0, c - 1);
    s.run = whole(line, 1, SIDE_MAX);
    s.step = whole(line, -c, c);
    s.jump = whole(line, -c, c);
    line->bad = line->bad || !selection_fits(&s, out, c);
    if (!line->bad)
        graph_select(graph, in, &s, out);
}

static void build_node(Graph *graph, Line *line, NodeKind kind)
{
    int in = whole(line, 0, graph->node_count - 1);
    if (line->bad)
        return;
    if (kind == NODE_CHANNEL_MAX)
        graph_channel_max(graph, in);
    else if (kind == NODE_SELECT)
        build_select(graph, line, in);
    else if (kind == NODE_ADD || kind == NODE_MULTIPLY || kind == NODE_CONCAT ||
             kind == NODE_MAXIMUM)
        build_pair(graph, line, kind, in);
    else if (kind == NODE_MAX_POOL || kind == NODE_MEAN_POOL || kind == NODE_PAD ||
             kind == NODE_UPSAMPLE || kind == NODE_CURVE)
        build_sized(graph, line, kind, in);
    else
        build_named(graph, line, kind, in);
}

/* Whether the last node can be worked with. */
static bool is_sound(const Graph *graph)
{
    const Shape *s = &graph->nodes[graph->node_count - 1].shape;
    return graph->node_count <= NODES_MAX && s->oh >= 1 && s->ow >= 1 && s->o >= 1 &&
           s->oh <= SIDE_MAX && s->ow <= SIDE_MAX && (int64_t)s->oh * s->ow <= OUTPUT_MAX / s->o;
}

static void build_line(Graph *graph, Line *line)
{
    char kind[16], name[NAME_ROOM + 16];
    word(line, kind, sizeof kind);
    if (strcmp(kind, "frozen") == 0) {
        word(line, name, sizeof name);
        line->bad = line->bad || graph_param(graph, name) == NULL;
        graph_freeze(graph, name);
        return;
    }
    int k = 0;
    while (k < NODE_KINDS && (kinds[k] == NULL || strcmp(kinds[k], kind) != 0))
        k++;
    if (k == NODE_KINDS)
        line->bad = true;
    else
        build_node(graph, line, (NodeKind)k);
    line->bad = line->bad || !is_sound(graph);
}

int outline_build(Graph *graph, const char *text, Err *err)
{
    int lines = 0;
    while (*text != '\0') {
        Line line = {.at = text, .end = text + strcspn(text, "\n")};
        lines++;
        build_line(graph, &line);
        if (line.bad || line.at != line.end)
            return err_set(err, "line %d of the net's outline makes no sense: '%.*s'", lines,
                           line.end - text < 100 ? (int)(line.end - text) : 100, text);
        text = line.end + (*line.end == '\n');
    }
    return lines > 0 ? 0 : err_set(err, "the net's outline is empty");
}
