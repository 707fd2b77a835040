/* group_average(): average linkage over the groups that the graph connects. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/sort_internal.h"
#include "identify/grouping_internal.h"

/* Two groups that may be joined, while neither has changed since. */
typedef struct Joint {
    double score;
    int32_t a, b; /* a < b */
    int32_t a_stamp, b_stamp;
} Joint;

/* A group is called by its first row. */
typedef struct Linkage {
    int64_t n, d;
    double threshold;
    const float *unit;
    int32_t *joined; /* [n] the group that a row's group has become part of, or itself */
    int32_t *stamp;  /* [n] counts a group's changes */
    int32_t *size;   /* [n] */
    double **sum;    /* [n] of groups of several rows */
    int32_t **near;  /* [n] groups that an edge leads to, perhaps by earlier names */
    int64_t *nears;  /* [n] */
    Joint *heap;     /* the best on top */
    int64_t joints, room;
} Linkage;

static bool better(const Joint *x, const Joint *y)
{
    if (x->score != y->score)
        return x->score > y->score;
    return x->a != y->a ? x->a < y->a : x->b < y->b;
}

static void sift_down(Linkage *l, int64_t i)
{
    for (;;) {
        int64_t child = 2 * i + 1;
        if (child >= l->joints)
            return;
        if (child + 1 < l->joints && better(&l->heap[child + 1], &l->heap[child]))
            child++;
        if (!better(&l->heap[child], &l->heap[i]))
            return;
        Joint t = l->heap[child];
        l->heap[child] = l->heap[i];
        l->heap[i] = t;
        i = child;
    }
}

static int push(Linkage *l, int32_t a, int32_t b, double score, Err *err)
{
    if (score < l->threshold)
        return 0;
    if (array_reserve(l->heap, l->room, l->joints + 1, "pairs of groups", err) != 0)
        return -1;
    int32_t low = a < b ? a : b, high = a < b ? b : a;
    int64_t i = l->joints++;
    l->heap[i] = (Joint){score, low, high, l->stamp[low], l->stamp[high]};
    for (; i > 0 && better(&l->heap[i], &l->heap[(i - 1) / 2]); i = (i - 1) / 2) {
        Joint t = l->heap[i];
        l->heap[i] = l->heap[(i - 1) / 2];
        l->heap[(i - 1) / 2] = t;
    }
    return 0;
}

static Joint pop(Linkage *l)
{
    Joint top = l->heap[0];
    l->heap[0] = l->heap[--l->joints];
    sift_down(l, 0);
    return top;
}

static int32_t name_of(Linkage *l, int32_t row)
{
    while (l->joined[row] != row) {
        l->joined[row] = l->joined[l->joined[row]];
        row = l->joined[row];
    }
    return row;
}

static double coordinate(const Linkage *l, int32_t group, int64_t j)
{
    return l->sum[group] != NULL ? l->sum[group][j] : (double)l->unit[group * l->d + j];
}

/* The mean score of all pairs of a row of a, which has several, and one of b. */
static double mean_score(const Linkage *l, int32_t a, int32_t b)
{
    const double *x = l->sum[a], *y = l->sum[b];
    const float *row = l->unit + b * l->d;
    double product = 0;
    if (y != NULL)
        for (int64_t j = 0; j < l->d; j++)
            product += x[j] * y[j];
    else
        for (int64_t j = 0; j < l->d; j++)
            product += x[j] * (double)row[j];
    return product / ((double)l->size[a] * (double)l->size[b]);
}

static int compare_names(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* near[a] = those of a and b, by their present names, each once. */
static int join_nears(Linkage *l, int32_t a, int32_t b, Err *err)
{
    int64_t all = l->nears[a] + l->nears[b], n = 0;
    int32_t *near = malloc(((size_t)all + 1) * sizeof *near);
    if (near == NULL)
        return err_memory(err, "pairs of groups", (size_t)all * sizeof *near);
    for (int64_t i = 0; i < all; i++) {
        int32_t name = name_of(l, i < l->nears[a] ? l->near[a][i] : l->near[b][i - l->nears[a]]);
        if (name != a)
            near[n++] = name;
    }
    sort_array(near, (size_t)n, sizeof *near, compare_names);
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++)
        if (i == 0 || near[i] != near[i - 1])
            near[kept++] = near[i];
    free(l->near[a]);
    free(l->near[b]);
    l->near[a] = near;
    l->near[b] = NULL;
    l->nears[a] = kept;
    l->nears[b] = 0;
    return 0;
}

static int join(Linkage *l, int32_t a, int32_t b, Err *err)
{
    double *sum = malloc((size_t)l->d * sizeof *sum);
    if (sum == NULL)
        return err_memory(err, "groups", (size_t)l->d * sizeof *sum);
    for (int64_t j = 0; j < l->d; j++)
        sum[j] = coordinate(l, a, j) + coordinate(l, b, j);
    free(l->sum[a]);
    free(l->sum[b]);
    l->sum[a] = sum;
    l->sum[b] = NULL;
    l->size[a] += l->size[b];
    l->joined[b] = a;
    l->stamp[a]++;
    l->stamp[b]++;
    if (join_nears(l, a, b, err) != 0)
        return -1;
    for (int64_t i = 0; i < l->nears[a]; i++)
        if (push(l, a, l->near[a][i], mean_score(l, a, l->near[a][i]), err) != 0)
            return -1;
    return 0;
}

static int begin(Linkage *l, const NearGraph *graph, Err *err)
{
    size_t n = (size_t)l->n + 1;
    l->joined = malloc(n * sizeof *l->joined);
    l->stamp = calloc(n, sizeof *l->stamp);
    l->size = malloc(n * sizeof *l->size);
    l->sum = calloc(n, sizeof *l->sum);
    l->near = calloc(n, sizeof *l->near);
    l->nears = calloc(n, sizeof *l->nears);
    if (!l->joined || !l->stamp || !l->size || !l->sum || !l->near || !l->nears)
        return err_memory(err, "groups", n * 36);
    for (int32_t i = 0; i < l->n; i++) {
        int64_t edges = graph->first[i + 1] - graph->first[i];
        l->joined[i] = i;
        l->size[i] = 1;
        l->near[i] = malloc(((size_t)edges + 1) * sizeof(int32_t));
        if (l->near[i] == NULL)
            return err_memory(err, "groups", (size_t)edges * sizeof(int32_t));
        for (int64_t e = graph->first[i]; e < graph->first[i + 1]; e++) {
            l->near[i][l->nears[i]++] = graph->edge[e].to;
            if (graph->edge[e].to > i &&
                push(l, i, graph->edge[e].to, (double)graph->edge[e].score, err) != 0)
                return -1;
        }
    }
    return 0;
}

static void release(Linkage *l)
{
    for (int64_t i = 0; i < l->n; i++) {
        if (l->sum != NULL)
            free(l->sum[i]);
        if (l->near != NULL)
            free(l->near[i]);
    }
    free(l->joined);
    free(l->stamp);
    free(l->size);
    free(l->sum);
    free(l->near);
    free(l->nears);
    free(l->heap);
}

int group_average(int64_t *group, const NearGraph *graph, const float *unit, int64_t d,
                  double threshold, Err *err)
{
    Linkage l = {.n = graph->n, .d = d, .threshold = threshold, .unit = unit};
    int rc = begin(&l, graph, err);
    while (rc == 0 && l.joints > 0) {
        Joint best = pop(&l);
        if (l.stamp[best.a] == best.a_stamp && l.stamp[best.b] == best.b_stamp)
            rc = join(&l, best.a, best.b, err);
    }
    for (int32_t i = 0; rc == 0 && i < l.n; i++)
        group[i] = name_of(&l, i);
    release(&l);
    return rc == 0 && group_number(group, graph->n, err) < 0 ? -1 : rc;
}
