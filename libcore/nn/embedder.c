#include "nn/embedder_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct Embedder {
    int dim;
    Mirror mirror;
    bool normalize;
    FaceQuality quality;
    char name[EMBEDDER_NAME];
    Infer *infer;
    real *plain, *mirrored; /* [EMBEDDER_BATCH,dim] */
};

static int prepare(Embedder *e, const Graph *graph, Pool *pool, Kernels *kernels, Err *err)
{
    uint64_t net;
    size_t numbers = (size_t)EMBEDDER_BATCH * (size_t)e->dim;
    if (graph_hash(graph, &net, err) != 0)
        return -1;
    snprintf(e->name, sizeof e->name, "%016" PRIx64, net ^ (uint64_t)e->mirror);
    if ((e->infer = infer_new(graph, EMBEDDER_BATCH, pool, kernels, err)) == NULL)
        return -1;
    e->plain = malloc(numbers * sizeof *e->plain);
    e->mirrored = malloc(numbers * sizeof *e->mirrored);
    return e->plain != NULL && e->mirrored != NULL
               ? 0
               : err_memory(err, "embeddings", numbers * sizeof *e->plain);
}

Embedder *embedder_new(const Graph *graph, Mirror mirror, bool normalize, Pool *pool,
                       Kernels *kernels, Err *err)
{
    Embedder *e = calloc(1, sizeof *e);
    if (e == NULL) {
        err_memory(err, "a net", sizeof *e);
        return NULL;
    }
    *e = (Embedder){.dim = graph_dim(graph), .mirror = mirror, .normalize = normalize};
    if (prepare(e, graph, pool, kernels, err) == 0)
        return e;
    embedder_free(e);
    return NULL;
}

void embedder_free(Embedder *e)
{
    if (e == NULL)
        return;
    infer_free(e->infer);
    free(e->plain);
    free(e->mirrored);
    free(e);
}

int embedder_width(const Embedder *e)
{
    return e->dim * (e->mirror == MIRROR_CONCAT ? 2 : 1);
}

const char *embedder_name(const Embedder *e)
{
    return e->name;
}

Infer *embedder_infer(const Embedder *e)
{
    return e->infer;
}

static void scale_to_one(float *row, int d)
{
    double squares = 0;
    for (int j = 0; j < d; j++)
        squares += (double)row[j] * row[j];
    double scale = squares > 0 ? 1 / sqrt(squares) : 0;
    for (int j = 0; j < d; j++)
        row[j] = (float)(row[j] * scale);
}

static bool all_finite(const float *row, int d)
{
    for (int j = 0; j < d; j++)
        if (!isfinite(row[j]))
            return false;
    return true;
}

void embedder_rate(Embedder *e, FaceQuality by)
{
    e->quality = by;
}

static float rate(const Embedder *e, const real *plain, const real *mirrored)
{
    double a = 0, b = 0, ab = 0;
    for (int j = 0; j < e->dim; j++) {
        a += (double)plain[j] * (double)plain[j];
        if (e->quality == QUALITY_FLIP) {
            b += (double)mirrored[j] * (double)mirrored[j];
            ab += (double)plain[j] * (double)mirrored[j];
        }
    }
    if (e->quality == QUALITY_NORM)
        return (float)sqrt(a);
    return a > 0 && b > 0 ? (float)(ab / sqrt(a * b)) : 0;
}

int embedder_run(Embedder *e, float *out, float *quality, const uint8_t *rgb, int n)
{
    int d = e->dim, width = embedder_width(e), bad = -1;
    infer_run(e->infer, e->plain, rgb, n, false);
    if (e->mirror != MIRROR_NONE || e->quality == QUALITY_FLIP)
        infer_run(e->infer, e->mirrored, rgb, n, true);
    for (int i = 0; i < n; i++, out += width) {
        const real *plain = e->plain + (size_t)i * d, *mirrored = e->mirrored + (size_t)i * d;
        for (int j = 0; j < d; j++)
            out[j] = (float)(e->mirror == MIRROR_SUM ? plain[j] + mirrored[j] : plain[j]);
        for (int j = 0; e->mirror == MIRROR_CONCAT && j < d; j++)
            out[d + j] = (float)mirrored[j];
        if (e->quality != QUALITY_NONE)
            quality[i] = rate(e, plain, mirrored);
        if (e->normalize)
            scale_to_one(out, width);
        if (bad < 0 && !all_finite(out, width))
            bad = i;
    }
    return bad;
}
