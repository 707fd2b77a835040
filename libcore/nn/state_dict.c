#include "nn/state_dict_internal.h"

#include <stdio.h>
#include <string.h>

#include "nn/arch_internal.h"
#include "nn/names_internal.h"

/* The prefix that wrappers put before every name is looked for before the names of the first PROBES
 * parameters, and chosen among up to PREFIXES candidates. */
enum { PROBES = 3, PREFIXES = 32, NAME_MAX_BYTES = 512 };

typedef struct Prefix {
    const char *text; /* the beginning of a tensor's name */
    size_t length;
} Prefix;

/* How well a state_dict fits an architecture. */
typedef struct Fit {
    const Arch *arch;
    Prefix prefix;
    int found; /* parameters that are there */
    const char *missing,
        *extra; /* the first of each, or NULL; missing lasts as long as `outline` */
    int missings, extras;
    Graph *outline; /* the architecture's nodes and names, without numbers */
} Fit;

typedef struct Full {
    char text[NAME_MAX_BYTES];
} Full;

static Full full_name(Prefix prefix, const char *name)
{
    Full full;
    snprintf(full.text, sizeof full.text, "%.*s%.190s", (int)prefix.length, prefix.text, name);
    return full;
}

static const Tensor *find(const Frame *frame, Prefix prefix, const Param *param)
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

/* What training adds to the parameters of a net, here or in PyTorch's wrapper */
static bool is_of_training(const char *name)
{
    return name_is_of_training(name) || name_starts(name, "module.head.");
}

/* Tensors that are no parameters. If there is a prefix, only those that have it: the rest is no
 * part of the net. */
static void count_extras(Fit *fit, const Frame *frame)
{
    Prefix prefix = fit->prefix;
    for (size_t i = 0; i < frame->tensors; i++) {
        const char *name = frame->tensor[i].name;
        if (is_of_training(name) || strncmp(name, prefix.text, prefix.length) != 0 ||
            is_of_training(name + prefix.length) ||
            graph_param(fit->outline, name + prefix.length) != NULL)
            continue;
        fit->extra = fit->extra == NULL ? name : fit->extra;
        fit->extras++;
    }
}

static int count_found(const Frame *frame, const Graph *outline, Prefix prefix)
{
    int found = 0;
    for (int i = 0; i < outline->param_count; i++)
        found += find(frame, prefix, &outline->params[i]) != NULL;
    return found;
}

/* *prefix = what stands before the parameter's name in the tensor's; false if the tensor is another
 * one. */
static bool prefix_before(Prefix *prefix, const char *name, const char *param)
{
    size_t n = strlen(name), m = strlen(param);
    *prefix = (Prefix){name, n - m};
    return n >= m && n - m < NAME_MAX_BYTES - 200 && strcmp(name + n - m, param) == 0 &&
           (n == m || name[n - m - 1] == '.');
}

static bool is_known(const Prefix *known, int n, Prefix prefix)
{
    for (int i = 0; i < n; i++)
        if (known[i].length == prefix.length &&
            memcmp(known[i].text, prefix.text, prefix.length) == 0)
            return true;
    return false;
}

/* Of the prefixes that occur, that under which most of the parameters are found. */
static Prefix prefix_of(const Frame *frame, const Graph *outline)
{
    Prefix known[PREFIXES] = {{"", 0}}, best = known[0];
    int n = 1, most = count_found(frame, outline, best);
    for (int p = 0; p < PROBES && p < outline->param_count; p++)
        for (size_t i = 0; i < frame->tensors && n < PREFIXES; i++) {
            Prefix prefix;
            if (!prefix_before(&prefix, frame->tensor[i].name, outline->params[p].name) ||
                is_known(known, n, prefix))
                continue;
            known[n++] = prefix;
            int found = count_found(frame, outline, prefix);
            best = found > most ? prefix : best;
            most = found > most ? found : most;
        }
    return best;
}

static int measure(Fit *fit, const Frame *frame, const Arch *arch, Err *err)
{
    *fit = (Fit){.arch = arch, .outline = outline_of(arch, 1, 16, err)};
    if (fit->outline == NULL)
        return -1;
    fit->prefix = prefix_of(frame, fit->outline);
    for (int i = 0; i < fit->outline->param_count; i++) {
        const Param *param = &fit->outline->params[i];
        if (find(frame, fit->prefix, param) != NULL) {
            fit->found++;
        } else if (param->role != PARAM_COUNT) {
            fit->missing = fit->missing == NULL ? param->name : fit->missing;
            fit->missings++;
        }
    }
    count_extras(fit, frame);
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

static bool same_shapes(const Frame *frame, Prefix prefix, const Graph *outline)
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

static int take_param(Graph *graph, const Param *param, const Frame *frame, Prefix prefix, Err *err)
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
static int check_params(const Graph *outline, const Frame *frame, Prefix prefix, Err *err)
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

static int say_misfit(const Fit *fit, Err *err)
{
    char missing[40] = "", extra[360] = "";
    if (fit->missings > 1)
        snprintf(missing, sizeof missing, " and %d more", fit->missings - 1);
    if (fit->missing != NULL && fit->extra != NULL)
        snprintf(extra, sizeof extra, "; '%.200s' is not one of its parameters (one of %d)",
                 fit->extra, fit->extras);
    if (fit->missing != NULL)
        return err_set(err, "not a known net; of the nearest, %s, tensor '%s' is missing%s%s",
                       fit->arch->name, fit->missing, missing, extra);
    if (fit->extras > 1)
        snprintf(extra, sizeof extra, ", nor are %d more", fit->extras - 1);
    return err_set(err, "tensor '%.200s' is not a parameter of %s%s", fit->extra, fit->arch->name,
                   extra);
}

int state_dict_check(const Frame *frame, const char *arch, Err *err)
{
    Fit fit;
    if (best_fit(&fit, frame, arch, err) != 0)
        return -1;
    int rc = fits(&fit) ? 0 : say_misfit(&fit, err);
    graph_free(fit.outline);
    return rc;
}

static void tell_names(StateDictNames *names, const Frame *frame, const Fit *fit)
{
    Prefix prefix = fit->prefix;
    *names = (StateDictNames){0};
    snprintf(names->prefix, sizeof names->prefix, "%.*s",
             (int)(prefix.length < 90 ? prefix.length : 90), prefix.text);
    for (size_t i = 0; i < frame->tensors; i++) {
        const char *name = frame->tensor[i].name;
        if (is_of_training(name) || strncmp(name, prefix.text, prefix.length) == 0)
            continue;
        if (names->lefts++ == 0)
            snprintf(names->left, sizeof names->left, "%.90s", name);
    }
}

Graph *state_dict_graph(const Frame *frame, const char *arch, StateDictNames *names, Err *err)
{
    Fit fit;
    Graph *graph = NULL;
    if (best_fit(&fit, frame, arch, err) != 0)
        return NULL;
    if (!fits(&fit))
        say_misfit(&fit, err);
    else
        graph = fill(frame, &fit, err);
    tell_names(names, frame, &fit);
    graph_free(fit.outline);
    return graph;
}
