#include "train/pass_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "image/decode.h"
#include "stream/reader.h"

enum { BATCH = 64 };

typedef struct Pass {
    const Graph *graph;
    Pool *pool;
    Kernels *kernels;
    Infer *infer;
    Decoder **decoder; /* [threads] */
    uint8_t *pixels;   /* [BATCH] images, of decoded faces */
    real *embedding;   /* [BATCH,d] */
} Pass;

typedef struct Decoding {
    const Pass *pass;
    const Faces *faces;
    int64_t first;
    Err why[BATCH];
} Decoding;

static void decode_one(void *arg, int64_t i, int worker)
{
    Decoding *d = arg;
    size_t bytes;
    const Graph *graph = d->pass->graph;
    const uint8_t *file = column_row(d->faces->jpeg, d->first + i, &bytes);
    decoder_read_to(d->pass->decoder[worker],
                    d->pass->pixels + (size_t)i * graph_image_bytes(graph), graph_height(graph),
                    graph_width(graph), file, bytes, &d->why[i]);
}

/* The pixels of n faces from `first` on, or NULL. */
static const uint8_t *pixels_of(const Pass *pass, const Faces *faces, int64_t first, int n,
                                Err *err)
{
    if (faces->image != NULL)
        return faces->image->data + (size_t)first * graph_image_bytes(pass->graph);
    Decoding decoding = {.pass = pass, .faces = faces, .first = first};
    pool_run(pass->pool, n, decode_one, &decoding);
    for (int i = 0; i < n; i++)
        if (err_is_set(&decoding.why[i])) {
            err_set(err, "row %" PRId64 ": %s", first + i, decoding.why[i].text);
            return NULL;
        }
    return pass->pixels;
}

static int run_batch(const Pass *pass, float *out, const Faces *faces, int64_t first, int n,
                     Err *err)
{
    int d = graph_dim(pass->graph);
    const uint8_t *rgb = pixels_of(pass, faces, first, n, err);
    if (rgb == NULL)
        return -1;
    infer_run(pass->infer, pass->embedding, rgb, n, false);
    if (kernels_check(pass->kernels, err) != 0)
        return -1;
    for (int k = 0; k < n * d; k++) {
        out[k] = (float)pass->embedding[k];
        if (!isfinite(out[k]))
            return err_set(err, "row %" PRId64 ": its embedding is not finite", first + k / d);
    }
    return 0;
}

static int run_frame(const Pass *pass, const Frame *frame, PassFrame *each, void *arg, Err *err)
{
    Faces faces;
    int h = graph_height(pass->graph), w = graph_width(pass->graph), rc = 0;
    if (faces_of(&faces, frame, err) != 0)
        return -1;
    int64_t n = faces.rows.n;
    float *embedding = malloc((size_t)(n + 1) * (size_t)graph_dim(pass->graph) * sizeof *embedding);
    if (embedding == NULL)
        rc = err_memory(err, "embeddings", (size_t)n * (size_t)graph_dim(pass->graph) * 4);
    else if (faces.image != NULL && (faces.h != h || faces.w != w))
        rc = err_set(err, "faces of %dx%d pixels (height x width), the net takes %dx%d", faces.h,
                     faces.w, h, w);
    for (int64_t i = 0; rc == 0 && i < n; i += BATCH)
        rc = run_batch(pass, embedding + i * graph_dim(pass->graph), &faces, i,
                       n - i < BATCH ? (int)(n - i) : BATCH, err);
    if (rc == 0 && n > 0)
        rc = each(arg, frame, &faces, embedding, err);
    free(embedding);
    faces_release(&faces);
    return rc;
}

static int prepare(Pass *pass, Err *err)
{
    size_t threads = (size_t)pool_threads(pass->pool);
    size_t image = graph_image_bytes(pass->graph), d = (size_t)graph_dim(pass->graph);
    pass->infer = infer_new(pass->graph, BATCH, pass->pool, pass->kernels, err);
    pass->decoder = calloc(threads, sizeof *pass->decoder);
    pass->pixels = malloc(BATCH * image);
    pass->embedding = malloc(BATCH * d * sizeof *pass->embedding);
    if (pass->infer == NULL)
        return -1;
    if (pass->decoder == NULL || pass->pixels == NULL || pass->embedding == NULL)
        return err_memory(err, "a batch of faces", BATCH * (image + d * sizeof(real)));
    for (size_t i = 0; i < threads; i++)
        if ((pass->decoder[i] = decoder_new(err)) == NULL)
            return -1;
    return 0;
}

static void release(Pass *pass)
{
    for (int i = 0; pass->decoder != NULL && i < pool_threads(pass->pool); i++)
        decoder_free(pass->decoder[i]);
    free(pass->decoder);
    free(pass->pixels);
    free(pass->embedding);
    infer_free(pass->infer);
}

int pass_over(const Graph *graph, const char *path, Pool *pool, Kernels *kernels, PassFrame *each,
              void *arg, Range *range, Err *err)
{
    Pass pass = {.graph = graph, .pool = pool, .kernels = kernels};
    StreamReader *reader = reader_open(path, err);
    Frame frame = {0};
    int rc = reader != NULL ? prepare(&pass, err) : -1;
    if (rc == 0 && range != NULL)
        rc = infer_watch(pass.infer, err);
    while (rc == 0 && (rc = reader_next(reader, &frame, err)) > 0) {
        Err inner = {0};
        rc = run_frame(&pass, &frame, each, arg, &inner);
        if (rc != 0)
            rc = reader_blame(reader, &frame, &inner, err);
        frame_release(&frame);
    }
    if (rc == 0 && range != NULL)
        infer_ranges(pass.infer, range);
    release(&pass);
    reader_close(reader);
    return rc;
}
