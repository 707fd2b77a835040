#include "identify/near_graph_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/sort_internal.h"
#include "identify/neighbours.h"

/* Rows searched for at a time, and neighbours looked for at first: most have fewer. Those that have
 * as many are searched for again, with more. ROOM bounds their product. */
enum { BLOCK = 4096, FIRST = 64, MORE = 8, ROOM = 1 << 20 };

void near_graph_release(NearGraph *graph)
{
    free(graph->first);
    free(graph->edge);
    *graph = (NearGraph){0};
}

typedef struct List {
    NearEdge *edge;
    int64_t n;
} List;

typedef struct Builder {
    const float *unit;
    int64_t n, d;
    double threshold;
    Pool *pool;
    List list[BLOCK];
    float *probe; /* rows that are searched for again: [BLOCK,d] */
} Builder;

static int compare_edges(const void *a, const void *b)
{
    const NearEdge *x = a, *y = b;
    return (x->to > y->to) - (x->to < y->to);
}

/* The list of a row, without itself. */
static int take(List *list, int64_t row, const Neighbour *near, int64_t n, Err *err)
{
    list->edge = malloc(((size_t)n + 1) * sizeof *list->edge);
    if (list->edge == NULL)
        return err_memory(err, "neighbours", (size_t)n * sizeof *list->edge);
    list->n = 0;
    for (int64_t i = 0; i < n; i++)
        if (near[i].row != row)
            list->edge[list->n++] = (NearEdge){(int32_t)near[i].row, near[i].score};
    sort_array(list->edge, (size_t)list->n, sizeof *list->edge, compare_edges);
    return 0;
}

/* Searches for `probes` rows, begin + which[i], or begin + i. Keeps in which[] those that have k
 * neighbours, and may have more; returns how many, or -1. */
static int64_t search(Builder *b, int64_t begin, const float *probe, int64_t *which, int64_t probes,
                      int64_t k, Err *err)
{
    int64_t full = 0, count;
    Neighbours *n = neighbours_new(probe, probes, b->d, k, b->pool, err);
    if (n == NULL)
        return -1;
    neighbours_floor(n, b->threshold);
    neighbours_add(n, b->unit, b->n, NULL);
    for (int64_t i = 0; i < probes && full >= 0; i++) {
        const Neighbour *near = neighbours_of(n, i, &count);
        int64_t at = which[i];
        if (count == k && k < b->n)
            which[full++] = at;
        else if (take(&b->list[at], begin + at, near, count, err) != 0)
            full = -1;
    }
    neighbours_free(n);
    return full;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Those of a block that have more: again, a few at a time. */
static int search_more(Builder *b, int64_t begin, int64_t *which, int64_t n, int64_t k, Err *err)
{
    while (n > 0) {
        if (k >= NEIGHBOURS_MOST)
            return err_set(err,
                           "a face has more than %d neighbours at or above %g: a higher "
                           "threshold is needed",
                           NEIGHBOURS_MOST, b->threshold);
        k = least(least(k * MORE, NEIGHBOURS_MOST), b->n);
        int64_t left = 0, step = ROOM / k > 0 ? ROOM / k : 1;
        for (int64_t first = 0; first < n; first += step) {
            int64_t some = least(step, n - first);
            for (int64_t i = 0; i < some; i++)
                memcpy(b->probe + i * b->d, b->unit + (begin + which[first + i]) * b->d,
                       (size_t)b->d * sizeof(float));
            int64_t full = search(b, begin, b->probe, which + first, some, k, err);
            if (full < 0)
                return -1;
            memmove(which + left, which + first, (size_t)full * sizeof *which);
            left += full;
        }
        n = left;
    }
    return 0;
}

static int append(NearGraph *graph, int64_t row, const List *list, Err *err)
{
    int64_t end = graph->first[row] + list->n;
    if (end > NEAR_GRAPH_MOST)
        return err_set(err,
                       "more than %lld pairs at or above the threshold: a higher one is needed",
                       (long long)NEAR_GRAPH_MOST / 2);
    if (array_reserve(graph->edge, graph->room, (size_t)end, "pairs", err) != 0)
        return -1;
    if (list->n > 0)
        memcpy(graph->edge + graph->first[row], list->edge, (size_t)list->n * sizeof *list->edge);
    graph->first[row + 1] = end;
    return 0;
}

static int add_block(NearGraph *graph, Builder *b, int64_t begin, int64_t rows, Err *err)
{
    int64_t which[BLOCK], k = least(FIRST, b->n);
    for (int64_t i = 0; i < rows; i++)
        which[i] = i;
    int64_t full = search(b, begin, b->unit + begin * b->d, which, rows, k, err);
    int rc = full >= 0 ? search_more(b, begin, which, full, k, err) : -1;
    for (int64_t i = 0; i < rows; i++) {
        if (rc == 0)
            rc = append(graph, begin + i, &b->list[i], err);
        free(b->list[i].edge);
        b->list[i] = (List){0};
    }
    return rc;
}

int near_graph_build(NearGraph *graph, const float *unit, int64_t n, int64_t d, double threshold,
                     Pool *pool, const NearGraphProgress *progress, Err *err)
{
    *graph = (NearGraph){.n = n};
    if (n >= INT32_MAX)
        return err_set(err, "%lld faces are too many", (long long)n);
    Builder *b = calloc(1, sizeof *b);
    graph->first = calloc((size_t)n + 1, sizeof *graph->first);
    float *probe = malloc((size_t)BLOCK * ((size_t)d + 1) * sizeof(float));
    int rc = b != NULL && graph->first != NULL && probe != NULL
                 ? 0
                 : err_memory(err, "neighbours", (size_t)BLOCK * (size_t)d * sizeof(float));
    if (rc == 0) {
        b->unit = unit;
        b->n = n;
        b->d = d;
        b->threshold = threshold;
        b->pool = pool;
        b->probe = probe;
    }
    for (int64_t begin = 0; rc == 0 && begin < n; begin += BLOCK) {
        rc = add_block(graph, b, begin, least(BLOCK, n - begin), err);
        if (progress != NULL)
            progress->step(progress->arg, least(BLOCK, n - begin));
    }
    free(probe);
    free(b);
    return rc;
}
