#include "nn/graph_text_internal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num_internal.h"

enum { NAME_ROOM = 160, OUTPUT_MAX = 1 << 26, NODES_MAX = 1 << 14 };

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

static void put_field(FILE *f, const Graph *graph, const Node *node, const Field *field)
{
    const void *at = (const char *)node + field->offset;
    switch (field->type) {
    case FIELD_WHOLE:
        fprintf(f, " %d", *(const int *)at);
        break;
    case FIELD_FLAG:
        fprintf(f, " %d", *(const bool *)at);
        break;
    case FIELD_NUMBER:
        fprintf(f, " %.17g", *(const double *)at);
        break;
    case FIELD_NAME: /* of whichever is there of the first two */
        put_module(f, graph, node->param[0] >= 0 ? node->param[0] : node->param[1]);
        break;
    case FIELD_SLOPE:
        put_module(f, graph, node->param[NORM_SLOPE]);
        break;
    case FIELD_END:
        break;
    }
}

static void put_node(FILE *f, const Graph *graph, const Node *node)
{
    const Layer *layer = layer_of(node->kind);
    fputs(layer->name, f);
    for (int i = 0; i < layer->inputs; i++)
        fprintf(f, " %d", node->input[i]);
    for (const Field *field = layer->fields; field != NULL && field->type != FIELD_END; field++)
        put_field(f, graph, node, field);
    fputc('\n', f);
}

char *graph_to_text(const Graph *graph, Err *err)
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

static void read_field(Line *line, Node *node, const Field *field, char name[NAME_ROOM],
                       char slope[NAME_ROOM])
{
    void *at = (char *)node + field->offset;
    switch (field->type) {
    case FIELD_WHOLE:
        *(int *)at = whole(line, field->min, field->max);
        break;
    case FIELD_FLAG:
        *(bool *)at = whole(line, 0, 1) != 0;
        break;
    case FIELD_NUMBER:
        *(double *)at = number(line);
        break;
    case FIELD_NAME:
        word(line, name, NAME_ROOM);
        break;
    case FIELD_SLOPE:
        word(line, slope, NAME_ROOM);
        break;
    case FIELD_END:
        break;
    }
}

static void build_node(Graph *graph, Line *line, LayerKind kind)
{
    const Layer *layer = layer_of(kind);
    char name[NAME_ROOM] = "", slope[NAME_ROOM] = "-";
    Node node = {.kind = kind};
    for (int i = 0; i < layer->inputs; i++)
        node.input[i] = whole(line, 0, graph->node_count - 1);
    for (const Field *field = layer->fields; field != NULL && field->type != FIELD_END; field++)
        read_field(line, &node, field, name, slope);
    if (line->bad)
        return;
    graph_layer(graph, &node, name, strcmp(slope, "-") != 0 ? slope : NULL,
                (Init){INIT_CONSTANT, 0});
    line->bad = graph->unfit != 0;
}

/* Whether the last node can be worked with. */
static bool is_sound(const Graph *graph)
{
    const Shape *s = &graph->nodes[graph->node_count - 1].shape;
    return graph->node_count <= NODES_MAX && s->oh >= 1 && s->ow >= 1 && s->o >= 1 &&
           s->oh <= LAYER_SIDE_MAX && s->ow <= LAYER_SIDE_MAX &&
           (int64_t)s->oh * s->ow <= OUTPUT_MAX / s->o;
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
    LayerKind k = layer_named(kind);
    if (k == LAYER_KINDS || k == LAYER_INPUT)
        line->bad = true;
    else
        build_node(graph, line, k);
    line->bad = line->bad || !is_sound(graph);
}

int graph_from_text(Graph *graph, const char *text, Err *err)
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
