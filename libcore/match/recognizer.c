#include "match/recognizer_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes_internal.h"
#include "base/hash.h"
#include "match/constant_key_internal.h"
#include "model/net_internal.h"

enum { PHOTOGRAPHS = 64, BYTES = 1 << 26 }; /* read at a time */

/* A photograph of a batch */
typedef struct Shot {
    char *path;
    const char *operand;
    Bytes bytes;
    Err problem;
    FoundFaces faces;
    float *embedding;
} Shot;

struct Recognizer {
    FinderOptions finder_options;
    Pool *pool;
    Kernels *kernels;
    ModelFile detector;
    FaceFinder **finder; /* one a thread */
    Graph *graph;
    Embedder *embedder;
    uint64_t hash;
    Shot shot[PHOTOGRAPHS];
    int shots;
};

static void hash_all(Recognizer *r)
{
    const FinderOptions *o = &r->finder_options;
    const double piece[] = {o->detect.score, o->detect.side, o->faces,
                            o->size,         o->antialias,   (double)o->rules.max_pixels,
                            o->rules.lenient};
    const char *model = embedder_name(r->embedder);
    const uint64_t whole[] = {
        hash_bytes(&constant_key, r->detector.bytes, r->detector.size),
        hash_bytes(&constant_key, model, strlen(model)),
        hash_bytes(&constant_key, piece, sizeof piece),
    };
    r->hash = hash_bytes(&constant_key, whole, sizeof whole);
}

static int prepare(Recognizer *r, const RecognizerOptions *o, Err *err)
{
    NetOrigin origin;
    int threads = pool_threads(r->pool);
    if ((r->graph = net_read_as(o->model, NULL, &o->import, &origin, err)) == NULL)
        return -1;
    if (graph_height(r->graph) != graph_width(r->graph))
        return err_set(err, "%s takes faces of %dx%d pixels; a square is needed", o->model,
                       graph_height(r->graph), graph_width(r->graph));
    r->finder_options.size = graph_height(r->graph);
    r->embedder = embedder_new(r->graph, o->mirror, false, r->pool, r->kernels, err);
    if (r->embedder == NULL || modelfile_open(&r->detector, o->detector, err) != 0)
        return -1;
    r->finder = calloc((size_t)threads, sizeof *r->finder);
    if (r->finder == NULL)
        return err_memory(err, "threads", (size_t)threads * sizeof *r->finder);
    for (int i = 0; i < threads; i++)
        if ((r->finder[i] = facefinder_new(&r->detector, &r->finder_options, err)) == NULL)
            return -1;
    hash_all(r);
    return 0;
}

Recognizer *recognizer_new(const RecognizerOptions *options, Pool *pool, Kernels *kernels, Err *err)
{
    Recognizer *r = calloc(1, sizeof *r);
    if (r == NULL) {
        err_memory(err, "photographs", sizeof *r);
        return NULL;
    }
    r->finder_options = options->finder;
    r->pool = pool;
    r->kernels = kernels;
    if (prepare(r, options, err) == 0)
        return r;
    recognizer_free(r);
    return NULL;
}

static void forget(Recognizer *r)
{
    for (int i = 0; i < r->shots; i++) {
        free(r->shot[i].path);
        free(r->shot[i].embedding);
        bytes_release(&r->shot[i].bytes);
        foundfaces_release(&r->shot[i].faces);
        r->shot[i] = (Shot){0};
    }
    r->shots = 0;
}

void recognizer_free(Recognizer *r)
{
    if (r == NULL)
        return;
    forget(r);
    for (int i = 0; r->finder != NULL && i < pool_threads(r->pool); i++)
        facefinder_free(r->finder[i]);
    free(r->finder);
    modelfile_close(&r->detector);
    embedder_free(r->embedder);
    graph_free(r->graph);
    free(r);
}

int recognizer_width(const Recognizer *r)
{
    return embedder_width(r->embedder);
}

const char *recognizer_model(const Recognizer *r)
{
    return embedder_name(r->embedder);
}

uint64_t recognizer_hash(const Recognizer *r)
{
    return r->hash;
}

/* Reads a batch: 1, or 0 when nothing is left, -1. */
static int read_shots(Recognizer *r, Source *source, Err *err)
{
    Item item;
    size_t bytes = 0;
    int rc = 1;
    while (r->shots < PHOTOGRAPHS && bytes < BYTES && (rc = source_next(source, &item, err)) > 0) {
        Shot *shot = &r->shot[r->shots++];
        shot->operand = item.operand;
        shot->path = strdup(item.path);
        if (shot->path == NULL)
            return err_memory(err, "a path", strlen(item.path));
        if (item.problem != NULL)
            err_set(&shot->problem, "%s", item.problem);
        else if (bytes_append(&shot->bytes, item.bytes, item.size, "a photograph", err) != 0)
            return -1;
        bytes += item.size;
    }
    return rc;
}

static void find(void *arg, int64_t i, int worker)
{
    Recognizer *r = arg;
    Shot *shot = &r->shot[i];
    bool damaged;
    if (!err_is_set(&shot->problem))
        facefinder_find(r->finder[worker], &shot->faces, shot->bytes.data, shot->bytes.size,
                        &damaged, &shot->problem);
}

static int embed(Recognizer *r, Shot *shot, Err *err)
{
    int n = shot->faces.n, width = recognizer_width(r);
    size_t face = graph_image_bytes(r->graph);
    shot->embedding = malloc(((size_t)n * (size_t)width + 1) * sizeof(float));
    if (shot->embedding == NULL)
        return err_memory(err, "embeddings", (size_t)n * (size_t)width * sizeof(float));
    for (int first = 0; first < n; first += EMBEDDER_BATCH) {
        int some = n - first < EMBEDDER_BATCH ? n - first : EMBEDDER_BATCH;
        int bad = embedder_run(r->embedder, shot->embedding + (size_t)first * (size_t)width, NULL,
                               shot->faces.pixels + (size_t)first * face, some);
        if (kernels_check(r->kernels, err) != 0)
            return -1;
        if (bad >= 0)
            return err_set(err, "%s: the model gives numbers for it that are not finite",
                           shot->path);
    }
    return 0;
}

static int hand_on(Recognizer *r, SeenSink *sink, void *arg, Err *err)
{
    pool_run(r->pool, r->shots, find, r);
    for (int i = 0; i < r->shots; i++) {
        Shot *shot = &r->shot[i];
        if (embed(r, shot, err) != 0)
            return -1;
        Seen seen = {shot->operand, shot->path,
                     err_is_set(&shot->problem) ? shot->problem.text : NULL, &shot->faces,
                     shot->embedding};
        if (sink(arg, &seen, err) != 0)
            return -1;
    }
    return 0;
}

int recognizer_run(Recognizer *r, const SourceOptions *options, SeenSink *sink, void *arg, Err *err)
{
    Source *source = source_open(options, err);
    int rc = source != NULL ? 1 : -1;
    while (rc > 0) {
        rc = read_shots(r, source, err);
        if (rc >= 0 && hand_on(r, sink, arg, err) != 0)
            rc = -1;
        forget(r);
    }
    source_close(source);
    return rc;
}
