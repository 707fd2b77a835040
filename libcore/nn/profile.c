#include "nn/profile_internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array_internal.h"
#include "base/counted_internal.h"
#include "nn/graph_internal.h"
#include "product/peak_internal.h"

enum { STAGES = 4, DIRECTIONS = 2, LINE_REALS = 8 };

typedef struct Stage {
    const char *name;
    double seconds;
} Stage;

struct Profile {
    const Graph *graph;
    Pool *pool;
    double *seconds; /* [worker][stride]: of it [node][forward, backward] */
    size_t stride;   /* of a worker, whole cache lines */
    double elapsed;  /* on the clock, in the net */
    double peak;     /* FLOP/s that a core could reach */
    int64_t images;
    Stage stages[STAGES];
};

/* What is printed in a line. */
typedef struct Line {
    double seconds[DIRECTIONS], multiplies, bytes;
} Line;

double profile_now(const Profile *profile)
{
    struct timespec t;
    if (profile == NULL)
        return 0;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double profile_lap(Profile *profile, int node, bool backward, int worker, double since)
{
    if (profile == NULL)
        return 0;
    double now = profile_now(profile);
    profile->seconds[worker * profile->stride + DIRECTIONS * node + backward] += now - since;
    return now;
}

void profile_run(Profile *profile, int n, double since)
{
    if (profile == NULL)
        return;
    profile->elapsed += profile_now(profile) - since;
    profile->images += n;
}

void profile_stage(Profile *profile, const char *name, double since)
{
    if (profile == NULL)
        return;
    Stage *s = profile->stages;
    while (s < profile->stages + STAGES - 1 && s->name != NULL && strcmp(s->name, name) != 0)
        s++;
    s->name = name;
    s->seconds += profile_now(profile) - since;
}

Profile *profile_new(const Graph *graph, Pool *pool, Err *err)
{
    size_t length = DIRECTIONS * (size_t)graph->node_count;
    size_t stride = (length + LINE_REALS - 1) / LINE_REALS * LINE_REALS;
    Profile *profile = calloc(1, sizeof *profile);
    double *seconds = calloc((size_t)pool_threads(pool) * stride, sizeof *seconds);
    if (profile == NULL || seconds == NULL) {
        free(profile);
        free(seconds);
        err_memory(err, "a profile", sizeof *profile + stride * sizeof *seconds);
        return NULL;
    }
    *profile = (Profile){.graph = graph,
                         .pool = pool,
                         .seconds = seconds,
                         .stride = stride,
                         .peak = product_peak(pool)};
    return profile;
}

void profile_free(Profile *profile)
{
    if (profile == NULL)
        return;
    free(profile->seconds);
    free(profile);
}

/* Writing ----------------------------------------------------------------------------------- */

/* The module's name in PyTorch: its first parameter's up to the last dot. */
static void print_name(FILE *out, const Graph *graph, const Node *node)
{
    int first = 0;
    while (first < NODE_PARAMS - 1 && node->param[first] < 0)
        first++;
    const char *name = node->param[first] < 0 ? "" : graph->params[node->param[first]].name;
    const char *dot = strrchr(name, '.');
    fprintf(out, "%-28.*s", dot == NULL ? 0 : (int)(dot - name), name);
}

static void print_shape(FILE *out, const Node *node)
{
    const Shape *s = &node->shape;
    char text[64], kernel[32] = "";
    const Window *w = &node->window;
    if (w->kh > 0)
        snprintf(kernel, sizeof kernel, " %dx%d/%d", w->kh, w->kw, w->sh);
    snprintf(text, sizeof text, "%dx%dx%d > %dx%dx%d%s", s->h, s->w, s->c, s->oh, s->ow, s->o,
             kernel);
    fprintf(out, " %-11s %-32s", layer_of(node->kind)->name, text);
}

/* Numbers of all inputs of a node, an image. */
static double input_size(const Graph *graph, const Node *node)
{
    double size = 0;
    for (int i = 0; i < 2; i++)
        if (node->input[i] >= 0)
            size += (double)node_size(&graph->nodes[node->input[i]]);
    return size;
}

static Line line_of(const Profile *p, int n)
{
    const Node *node = &p->graph->nodes[n];
    double in = input_size(p->graph, node), out = (double)node_size(node);
    Line line = {.multiplies = (double)node_multiply_adds(p->graph, node)};
    for (int w = 0; w < pool_threads(p->pool); w++)
        for (int d = 0; d < DIRECTIONS; d++)
            line.seconds[d] += p->seconds[w * p->stride + DIRECTIONS * n + d];
    line.bytes = (in + out) * sizeof(real);
    if (line.seconds[1] > 0) { /* there was a backward pass */
        bool first = node->input[0] == 0;
        line.multiplies *= first ? 2 : 3;
        line.bytes += (first ? in + out : 2 * in + out) * sizeof(real);
    }
    return line;
}

static void print_line(FILE *out, const Profile *p, const Line *line, double total)
{
    double images = p->images > 0 ? (double)p->images : 1;
    double seconds = line->seconds[0] + line->seconds[1];
    double floating = seconds > 0 ? 2 * line->multiplies * images / seconds : 0;
    fprintf(out, " %9.1f %9.1f", line->seconds[0] / images * 1e6, line->seconds[1] / images * 1e6);
    if (floating > 0)
        fprintf(out, " %8.1f %6.0f%%", floating / 1e9, 100 * floating / p->peak);
    else
        fprintf(out, " %8s %7s", "", "");
    if (line->bytes > 0 && seconds > 0)
        fprintf(out, " %6.1f", line->bytes * images / seconds / 1e9);
    else
        fprintf(out, " %6s", "");
    fprintf(out, " %6.1f%%\n", total > 0 ? 100 * seconds / total : 0);
}

static void print_rest(FILE *out, const Profile *p, const char *name, double seconds, double total)
{
    fprintf(out, "%-28s %-11s %-32s", name, "", "");
    print_line(out, p, &(Line){.seconds = {seconds}}, total);
}

static void print_kinds(FILE *out, const Line kinds[LAYER_KINDS], const Profile *p, double total)
{
    for (int k = 0; k < LAYER_KINDS; k++) {
        if (kinds[k].seconds[0] + kinds[k].seconds[1] == 0)
            continue;
        fprintf(out, "%-28s %-11s %-32s", "all", layer_of((LayerKind)k)->name, "");
        print_line(out, p, &kinds[k], total);
    }
}

static void add_line(Line *sum, const Line *line)
{
    sum->seconds[0] += line->seconds[0];
    sum->seconds[1] += line->seconds[1];
    sum->multiplies += line->multiplies;
    sum->bytes += line->bytes;
}

void profile_write(FILE *out, const Profile *p)
{
    Line kinds[LAYER_KINDS] = {0};
    double threads = pool_threads(p->pool), net = threads * p->elapsed, total = net, busy = 0;
    for (int s = 0; s < STAGES; s++)
        total += threads * p->stages[s].seconds;
    fprintf(out, "%-28s %-11s %-32s %9s %9s %8s %7s %6s %7s\n", "layer", "kind", "shape",
            "us/image", "backward", "GFLOP/s", "of peak", "GB/s", "share");
    for (int n = 0; n < p->graph->node_count; n++) {
        const Node *node = &p->graph->nodes[n];
        Line line = line_of(p, n);
        print_name(out, p->graph, node);
        print_shape(out, node);
        print_line(out, p, &line, total);
        add_line(&kinds[node->kind], &line);
        busy += line.seconds[0] + line.seconds[1];
    }
    print_kinds(out, kinds, p, total);
    print_rest(out, p, "waiting for other threads", net - busy, total);
    for (int s = 0; s < STAGES && p->stages[s].name != NULL; s++)
        print_rest(out, p, p->stages[s].name, threads * p->stages[s].seconds, total);
    fprintf(out,
            "%s, %.2f ms each on %.0f threads; multiply-adds in registers run at %.1f GFLOP/s a "
            "core\n",
            counted(p->images, "image", "images").text,
            p->images > 0 ? 1e3 * total / threads / (double)p->images : 0, threads, p->peak / 1e9);
}
