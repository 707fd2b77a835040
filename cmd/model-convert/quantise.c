#include "model-convert/quantise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/counted_internal.h"
#include "base/sort_internal.h"
#include "cli/cli.h"
#include "nn/quantise_internal.h"
#include "product/kernels.h"
#include "train/pass_internal.h"

/* The gate: at so small a share of the faces may the cosine to the embedding in float be lower. */
#define GATE_SHARE  0.01
#define GATE_COSINE 0.99

/* Embeddings of all faces, one after another */
typedef struct Embedded {
    float *embedding; /* [n,d] */
    int64_t n, d, room;
} Embedded;

static int collect(void *arg, const Frame *frame, const Faces *faces, float *embedding, Err *err)
{
    Embedded *e = arg;
    int64_t n = faces->rows.n;
    (void)frame;
    if (array_reserve(e->embedding, e->room, (e->n + n) * e->d, "embeddings", err) != 0)
        return -1;
    memcpy(e->embedding + e->n * e->d, embedding, (size_t)(n * e->d) * sizeof *embedding);
    e->n += n;
    return 0;
}

static double cosine(const float *a, const float *b, int64_t d)
{
    double aa = 0, bb = 0, ab = 0;
    for (int64_t i = 0; i < d; i++) {
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
        ab += (double)a[i] * (double)b[i];
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How near the embeddings in whole numbers are to those in float */
static int check(const Embedded *exact, const Embedded *quantised, bool force, Err *err)
{
    int64_t n = exact->n, d = exact->d;
    double sum = 0, *near = malloc((size_t)n * sizeof *near);
    if (near == NULL)
        return err_memory(err, "cosines", (size_t)n * sizeof *near);
    for (int64_t i = 0; i < n; i++) {
        near[i] = cosine(exact->embedding + i * d, quantised->embedding + i * d, d);
        sum += near[i];
    }
    sort_array(near, (size_t)n, sizeof *near, ascending);
    double lowest = near[0], gate = near[(int64_t)(GATE_SHARE * (double)n)];
    free(near);
    cli_note("cosine to the embedding in float, over %s: mean %.5f, 1 %% quantile %.5f, least %.5f",
             counted(n, "face", "faces").text, sum / (double)n, gate, lowest);
    if (gate >= GATE_COSINE || force)
        return 0;
    return err_set(
        err,
        "in eight bits the embeddings of these faces are too far from those in float: the "
        "1 %% quantile of their cosine is %.4f, less than %g (--force writes the model "
        "all the same)",
        gate, GATE_COSINE);
}

static int embed_whole(Embedded *e, Graph *quantised, const char *faces, Pool *pool, Err *err)
{
    Kernels *kernels = kernels_new(NULL, err);
    int marked = graph_mark_integers(quantised), rc = -1;
    if (kernels != NULL && kernels_set_precision(kernels, PRECISION_INT8, err) == 0)
        rc = pass_over(quantised, faces, pool, kernels, collect, e, NULL, err);
    cli_note("%s in whole numbers", counted(marked, "convolution", "convolutions").text);
    kernels_free(kernels);
    return rc;
}

int quantise(Graph **graph, const char *faces, bool force, Err *err)
{
    Embedded exact = {.d = graph_dim(*graph)}, whole = {.d = graph_dim(*graph)};
    Range *range = calloc((size_t)(*graph)->node_count, sizeof *range);
    Pool *pool = pool_new(pool_processors(), err);
    Graph *quantised = NULL;
    int layers, rc = -1;
    if (range == NULL)
        err_memory(err, "ranges", (size_t)(*graph)->node_count * sizeof *range);
    else if (pool != NULL)
        rc = pass_over(*graph, faces, pool, NULL, collect, &exact, range, err);
    if (rc == 0 && exact.n == 0)
        rc = err_set(err, "%s: no faces to take ranges from", faces);
    if (rc == 0)
        quantised = graph_quantised(*graph, range, &layers, err);
    rc = quantised != NULL ? embed_whole(&whole, quantised, faces, pool, err) : -1;
    if (rc == 0)
        rc = check(&exact, &whole, force, err);
    if (rc == 0) {
        graph_free(*graph);
        *graph = quantised;
    } else {
        graph_free(quantised);
    }
    free(exact.embedding);
    free(whole.embedding);
    free(range);
    pool_free(pool);
    return rc;
}
