#include "identify/near_graph_internal.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/sort_internal.h"
#include "scores/cosine.h"
#include "scores/rough_internal.h"

enum { TILE = 512 }; /* rows and columns of a tile of scores: 1 MiB, stays in a core's cache */

void near_graph_release(NearGraph *graph)
{
    free(graph->first);
    free(graph->edge);
    *graph = (NearGraph){0};
}

typedef struct Edge {
    int32_t a, b;
    float score;
} Edge;

/* The edges that a worker found. */
typedef struct Found {
    Edge *edge;
    int64_t n, room;
    bool full;   /* no memory for more */
    float *tile; /* [TILE,TILE] */
} Found;

typedef struct Search {
    const float *unit;
    int64_t n, d, tiles;
    double threshold;
    float from;    /* rough scores that may reach it */
    int64_t down;  /* the row of tiles that is searched */
    Found *worker; /* [workers] */
} Search;

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void add(Found *found, const Search *s, int64_t a, int64_t b)
{
    float score = cosine_of_units(s->unit + a * s->d, s->unit + b * s->d, s->d);
    if ((double)score < s->threshold || found->full)
        return;
    found->full = !array_fit(found->edge, found->room, found->n + 1);
    if (!found->full)
        found->edge[found->n++] = (Edge){(int32_t)a, (int32_t)b, score};
}

/* Tile number `across` of the row of tiles, from the diagonal on. */
static void search_tile(void *arg, int64_t across, int worker)
{
    const Search *s = arg;
    Found *found = &s->worker[worker];
    int64_t top = s->down * TILE, left = (s->down + across) * TILE;
    int64_t rows = least(TILE, s->n - top), columns = least(TILE, s->n - left);
    blasint d = (blasint)s->d;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)rows, (blasint)columns, d, 1,
                s->unit + top * d, d, s->unit + left * d, d, 0, found->tile, TILE);
    for (int64_t i = 0; i < rows; i++) {
        const float *score = found->tile + i * TILE;
        int64_t right_of_it = across == 0 ? i + 1 : 0;
        int64_t some = rough_count(score + right_of_it, columns - right_of_it, s->from);
        for (int64_t j = right_of_it; some > 0 && j < columns; j++)
            if (score[j] >= s->from) {
                add(found, s, top + i, left + j);
                some--;
            }
    }
}

/* The number of edges so far, or -1. */
static int64_t count_found(const Search *s, int workers, Err *err)
{
    int64_t edges = 0;
    bool full = false;
    for (int i = 0; i < workers; i++) {
        edges += s->worker[i].n;
        full = full || s->worker[i].full;
    }
    if (full)
        return err_memory(err, "pairs", (size_t)edges * sizeof(Edge));
    if (edges > NEAR_GRAPH_MOST / 2)
        return err_set(err,
                       "more than %lld pairs at or above the threshold: a higher one is needed",
                       (long long)NEAR_GRAPH_MOST / 2);
    return edges;
}

static int64_t search(Search *s, Pool *pool, const NearGraphProgress *progress, Err *err)
{
    int64_t edges = 0;
    for (; s->down < s->tiles && edges >= 0; s->down++) {
        pool_run(pool, s->tiles - s->down, search_tile, s);
        edges = count_found(s, pool_threads(pool), err);
        if (progress != NULL)
            progress->step(progress->arg, least(TILE, s->n - s->down * TILE));
    }
    return edges;
}

static int compare_edges(const void *a, const void *b)
{
    const NearEdge *x = a, *y = b;
    return (x->to > y->to) - (x->to < y->to);
}

static void sort_row(void *arg, int64_t row, int worker)
{
    const NearGraph *graph = arg;
    int64_t first = graph->first[row], n = graph->first[row + 1] - first;
    (void)worker;
    if (n > 1)
        sort_array(graph->edge + first, (size_t)n, sizeof *graph->edge, compare_edges);
}

/* Each edge from both its ends: counted, put in place, sorted. */
static int fill(NearGraph *graph, const Search *s, int64_t edges, Pool *pool, Err *err)
{
    int64_t *next = calloc((size_t)graph->n + 1, sizeof *next);
    graph->edge = malloc(2 * (size_t)edges * sizeof *graph->edge + 1);
    if (next == NULL || graph->edge == NULL) {
        free(next);
        return err_memory(err, "pairs", 2 * (size_t)edges * sizeof *graph->edge);
    }
    for (int w = 0; w < pool_threads(pool); w++)
        for (int64_t i = 0; i < s->worker[w].n; i++) {
            graph->first[s->worker[w].edge[i].a + 1]++;
            graph->first[s->worker[w].edge[i].b + 1]++;
        }
    for (int64_t i = 0; i < graph->n; i++)
        next[i + 1] = graph->first[i + 1] += graph->first[i];
    for (int w = 0; w < pool_threads(pool); w++)
        for (int64_t i = 0; i < s->worker[w].n; i++) {
            const Edge *edge = &s->worker[w].edge[i];
            graph->edge[next[edge->a]++] = (NearEdge){edge->b, edge->score};
            graph->edge[next[edge->b]++] = (NearEdge){edge->a, edge->score};
        }
    free(next);
    pool_run(pool, graph->n, sort_row, graph);
    return 0;
}

static int workers_new(Search *s, int workers, Err *err)
{
    s->worker = calloc((size_t)workers, sizeof *s->worker);
    for (int i = 0; s->worker != NULL && i < workers; i++)
        if ((s->worker[i].tile = malloc(sizeof(float[TILE][TILE]))) == NULL)
            return err_memory(err, "scores", sizeof(float[TILE][TILE]));
    return s->worker != NULL ? 0 : err_memory(err, "scores", (size_t)workers * sizeof *s->worker);
}

static void workers_free(Search *s, int workers)
{
    for (int i = 0; s->worker != NULL && i < workers; i++) {
        free(s->worker[i].edge);
        free(s->worker[i].tile);
    }
    free(s->worker);
}

int near_graph_build(NearGraph *graph, const float *unit, int64_t n, int64_t d, double threshold,
                     Pool *pool, const NearGraphProgress *progress, Err *err)
{
    *graph = (NearGraph){.n = n};
    if (n >= INT32_MAX)
        return err_set(err, "%lld faces are too many", (long long)n);
    Search s = {.unit = unit,
                .n = n,
                .d = d,
                .tiles = (n + TILE - 1) / TILE,
                .threshold = threshold,
                .from = (float)threshold - rough_slack(d)};
    graph->first = calloc((size_t)n + 1, sizeof *graph->first);
    int rc = graph->first != NULL ? workers_new(&s, pool_threads(pool), err)
                                  : err_memory(err, "faces", (size_t)n * sizeof *graph->first);
    int64_t edges = rc == 0 ? search(&s, pool, progress, err) : -1;
    rc = edges >= 0 ? fill(graph, &s, edges, pool, err) : -1;
    workers_free(&s, pool_threads(pool));
    return rc;
}
