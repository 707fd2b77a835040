#include "nn/torch.h"

#include <stdio.h>
#include <string.h>

#include "nn/arch.h"

/* What a wrapper puts before every name, the longest first. */
static const char *const prefixes[] = {"module.backbone.", "backbone.module.", "backbone.",
                                       "module.",          "model.",           ""};

/* How well a state_dict fits an architecture. */
typedef struct Fit {
    const Arch *arch;
    const char *prefix;
    int found; /* parameters that are there */
    const char *missing,
        *extra;     /* the first of each, or NULL; missing lasts as long as `outline` */
    Graph *outline; /* the architecture's nodes and names, without numbers */
} Fit;

typedef struct Full {
    char text[224];
} Full;

static Full full_name(const char *prefix, const char *name)
{
    Full full;
    snprintf(full.text, sizeof full.text, "%s%.190s", prefix, name);
    return full;
}

static const Tensor *find(const Frame *frame, const char *prefix, const Param *param)
{
    return frame_find(frame, full_name(prefix, param->name).text);
}

/* A graph that is not finished has names and shapes, and no memory for numbers. */
static Graph *outline_of(const Arch *arch, int embedding, int size, Err *err)
{
    Graph *graph = graph_new(arch->name, size, err);
    if (graph != NULL)
        arch->build(graph, embedding);
    return graph;
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_head(const char *name)
{
    return starts_with(name, "head.") || starts_with(name, "module.head.");
}

static const char *extra_name(const Frame *frame, const Fit *fit)
{
    size_t skip = strlen(fit->prefix);
    for (size_t i = 0; i < frame->tensors; i++) {
        const char *name = frame->tensor[i].name;
        if (!is_head(name) &&
            (!starts_with(name, fit->prefix) || graph_param(fit->outline, name + skip) == NULL))
            return name;
    }
    return NULL;
}

static const char *prefix_of(const Frame *frame, const Graph *outline)
{
    size_t i = 0;
    while (prefixes[i][0] != '\0' && find(frame, prefixes[i], &outline->params[0]) == NULL)
        i++;
    return prefixes[i];
}

static int measure(Fit *fit, const Frame *frame, const Arch *arch, Err *err)
{
    *fit = (Fit){.arch = arch, .outline = outline_of(arch, 1, 16, err)};
    if (fit->outline == NULL)
        return -1;
    fit->prefix = prefix_of(frame, fit->outline);
    for (int i = 0; i < fit->outline->param_count; i++) {
        const Param *param = &fit->outline->params[i];
        if (find(frame, fit->prefix, param) != NULL)
            fit->found++;
        else if (param->role != PARAM_COUNT && fit->missing == NULL)
            fit->missing = param->name;
    }
    fit->extra = extra_name(frame, fit);
    return 0;
}

static bool fits(const Fit *fit)
{
    return fit->missing == NULL && fit->extra == NULL;
}

/* The architecture that all tensors fit, or else the one that most of them do. */
static int best_fit(Fit *best, const Frame *frame, const char *name, Err *err)
{
    *best = (Fit){0};
    for (const Arch *arch = arch_table; arch->name != NULL; arch++) {
        Fit fit;
        if (name != NULL && strcmp(arch->name, name) != 0)
            continue;
        if (measure(&fit, frame, arch, err) != 0) {
            graph_free(best->outline);
            return -1;
        }
        bool better = best->arch == NULL || fits(&fit) || (!fits(best) && fit.found > best->found);
        graph_free(better ? best->outline : fit.outline);
        *best = better ? fit : *best;
    }
    return best->arch != NULL ? 0 : err_set(err, "unknown architecture '%.60s'", name);
}

static bool same_shapes(const Frame *frame, const char *prefix, const Graph *outline)
{
    for (int i = 0; i < outline->param_count; i++) {
        const Param *param = &outline->params[i];
        const Tensor *tensor = find(frame, prefix, param);
        if (tensor != NULL &&
            (tensor->ndim != param->rank ||
             memcmp(tensor->shape, param->shape, (size_t)param->rank * sizeof *param->shape) != 0))
            return false;
    }
    return true;
}

/* The size of image that makes all shapes fit; 112, to have something to name, when none does. */
static int image_size(const Frame *frame, const Fit *fit, int embedding, Err *err)
{
    for (int size = 16; size <= 512; size += 16) {
        Graph *outline = outline_of(fit->arch, embedding, size, err);
        bool same = outline != NULL && same_shapes(frame, fit->prefix, outline);
        graph_free(outline);
        if (same)
            return size;
    }
    return 112;
}

/* The length of the last layer's bias: of a norm, everywhere. */
static int embedding_size(const Frame *frame, const Fit *fit)
{
    const Graph *outline = fit->outline;
    const Node *last = &outline->nodes[outline->node_count - 1];
    const Tensor *beta = find(frame, fit->prefix, &outline->params[last->param[NORM_BETA]]);
    return beta != NULL && beta->ndim == 1 && beta->shape[0] <= 65536 ? (int)beta->shape[0] : 0;
}

static int take_param(Graph *graph, const Param *param, const Frame *frame, const char *prefix,
                      Err *err)
{
    Full name = full_name(prefix, param->name);
    if (param->role == PARAM_COUNT) {
        const Tensor *count = frame_find(frame, name.text);
        if (count == NULL)
            return 0;
        if (count->dtype != DTYPE_I64 || count->bytes != sizeof(int64_t))
            return err_set(err, "tensor '%s' is not one I64", name.text);
        memcpy(&graph->counts[param->offset], count->data, sizeof(int64_t));
        return 0;
    }
    const Tensor *tensor = frame_need(frame, name.text, DTYPE_F32, param->rank, param->shape, err);
    if (tensor == NULL)
        return -1;
    param_from_torch(param, graph->values + param->offset, tensor->data);
    return 0;
}

/* Whether all tensors are there, before there is memory for the numbers of an architecture. */
static int check_params(const Graph *outline, const Frame *frame, const char *prefix, Err *err)
{
    for (int i = 0; i < outline->param_count; i++) {
        const Param *p = &outline->params[i];
        if (p->role != PARAM_COUNT && frame_need(frame, full_name(prefix, p->name).text, DTYPE_F32,
                                                 p->rank, p->shape, err) == NULL)
            return -1;
    }
    return 0;
}

static Graph *fill(const Frame *frame, const Fit *fit, Err *err)
{
    int embedding = embedding_size(frame, fit);
    Graph *graph =
        arch_outline(fit->arch->name, embedding, image_size(frame, fit, embedding, err), err);
    int rc = graph != NULL ? check_params(graph, frame, fit->prefix, err) : -1;
    if (rc == 0)
        rc = graph_finish(graph, err);
    for (int i = 0; rc == 0 && i < graph->param_count; i++)
        rc = take_param(graph, &graph->params[i], frame, fit->prefix, err);
    if (rc == 0)
        rc = graph_check(graph, err);
    if (rc == 0) {
        graph->pixels = fit->arch->pixels;
        return graph;
    }
    graph_free(graph);
    return NULL;
}

Graph *torch_graph(const Frame *frame, const char *arch, Err *err)
{
    Fit fit;
    Graph *graph = NULL;
    if (best_fit(&fit, frame, arch, err) != 0)
        return NULL;
    if (fit.missing != NULL)
        err_set(err, "no net that is known; of the nearest, %s, tensor '%s' is missing",
                fit.arch->name, fit.missing);
    else if (fit.extra != NULL)
        err_set(err, "tensor '%.200s' is no parameter of %s", fit.extra, fit.arch->name);
    else
        graph = fill(frame, &fit, err);
    graph_free(fit.outline);
    return graph;
}
