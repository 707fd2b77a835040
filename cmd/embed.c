/* embed: faces and a model in, embeddings out */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/counted_internal.h"
#include "cli/cli.h"
#include "cli/kernels.h"
#include "cli/model-options.h"
#include "cli/total-rows.h"
#include "image/decode.h"
#include "nn/embedder_internal.h"
#include "nn/profile_internal.h"
#include "nn/quantise_internal.h"
#include "stream/embedding_store_internal.h"
#include "stream/faces.h"
#include "stream/reader.h"
#include "stream/writer.h"

enum { BATCH = EMBEDDER_BATCH };

static const CliRule rules[] = {
    {CLI_ONE_OF, "model", NULL},
    {CLI_NEEDS, "require-precision", "precision"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "embed",
                  .rules = rules,
                  .operands = "[FACES...]",
                  .summary = "Computes the embeddings of faces with a model.",
                  .blas = true,
                  .nets = true};

static const char *const precisions[] = {"float", "bf16", "int8"};

typedef struct Embed {
    int mirror; /* Mirror */
    int rated;  /* FaceQuality */
    int store;  /* EmbeddingStore */
    bool normalize;
    Graph *graph;
    Pool *pool;
    Embedder *embedder;
    Decoder **decoder; /* one a thread */
    uint8_t *pixels;   /* [BATCH,size,size,3], of decoded faces */
    float *embedding;  /* [rows,d] of a frame */
    size_t numbers;
    float *quality; /* [rows] of a frame */
    size_t rated_rows;
    StreamWriter writer;
    bool opened;
    bool measured; /* --profile */
    Profile *profile;
    int choice;    /* of kernels */
    int precision; /* Precision */
    bool required; /* and no other */
    Kernels *kernels;
    Progress progress;
} Embed;

static size_t face_bytes(const Embed *embed)
{
    return graph_image_bytes(embed->graph);
}

/* Decoding ---------------------------------------------------------------------------------- */

typedef struct Decoding {
    Embed *embed;
    const Faces *faces;
    int64_t first;
    Err *why; /* [BATCH]: why that face failed */
} Decoding;

static void decode_one(void *arg, int64_t i, int worker)
{
    const Decoding *d = arg;
    size_t bytes;
    const uint8_t *file = column_row(d->faces->jpeg, d->first + i, &bytes);
    const Graph *graph = d->embed->graph;
    decoder_read_to(d->embed->decoder[worker], d->embed->pixels + (size_t)i * face_bytes(d->embed),
                    graph_height(graph), graph_width(graph), file, bytes, &d->why[i]);
}

/* The pixels of rows first .. first+n-1, or NULL. */
static const uint8_t *pixels_of(Embed *embed, const Faces *faces, int64_t first, int n, Err *err)
{
    Err why[BATCH] = {0};
    if (faces->image != NULL)
        return faces->image->data + (size_t)first * face_bytes(embed);
    Decoding decoding = {embed, faces, first, why};
    pool_run(embed->pool, n, decode_one, &decoding);
    for (int i = 0; i < n; i++)
        if (err_is_set(&why[i])) {
            faces_blame(faces, first + i, first + i, why[i].text, err);
            return NULL;
        }
    return embed->pixels;
}

/* Embedding --------------------------------------------------------------------------------- */

static int check_size(const Embed *embed, const Faces *faces, Err *err)
{
    int h = graph_height(embed->graph), w = graph_width(embed->graph);
    if (faces->image != NULL && (faces->h != h || faces->w != w))
        return err_set(err, "faces of %dx%d pixels (height x width), but the model takes %dx%d",
                       faces->h, faces->w, h, w);
    return 0;
}

static int embed_faces(Embed *embed, Frame *out, const Faces *faces, Err *err)
{
    int64_t n = faces->rows.n, width = embedder_width(embed->embedder);
    if (check_size(embed, faces, err) != 0 ||
        array_reserve(embed->embedding, embed->numbers, (size_t)n * (size_t)width, "embeddings",
                      err) != 0 ||
        array_reserve(embed->quality, embed->rated_rows, (size_t)n, "qualities", err) != 0)
        return -1;
    for (int64_t first = 0; first < n; first += BATCH) {
        int some = n - first < BATCH ? (int)(n - first) : BATCH;
        const uint8_t *rgb = pixels_of(embed, faces, first, some, err);
        if (rgb == NULL)
            return -1;
        int bad = embedder_run(embed->embedder, embed->embedding + first * width,
                               embed->quality + first, rgb, some);
        if (kernels_check(embed->kernels, err) != 0)
            return -1;
        if (bad >= 0) /* it could not be compared */
            return faces_blame(faces, first + bad, first + bad,
                               "the model gives numbers for it that are not finite", err);
        progress_step(&embed->progress, some);
    }
    static const char *const column[] = {"", "quality_norm", "quality_flip"};
    if (embed->rated != QUALITY_NONE && frame_add(out, column[embed->rated], DTYPE_F32, 1,
                                                  (int64_t[]){n}, embed->quality, err) != 0)
        return -1;
    return embedding_store(out, (EmbeddingStore)embed->store, embed->embedding, n, width, err);
}

/* Everything but the pictures is passed on unchanged. */
static int pass_columns(Frame *out, const Frame *in, Err *err)
{
    for (size_t i = 0; i < in->tensors; i++) {
        const Tensor *t = &in->tensor[i];
        bool picture = strcmp(t->name, "image") == 0 || strcmp(t->name, "jpeg") == 0 ||
                       strcmp(t->name, "jpeg_end") == 0;
        if (!picture && frame_add(out, t->name, t->dtype, t->ndim, t->shape, t->data, err) != 0)
            return -1;
    }
    return frame_inherit_meta(out, in, err);
}

static int embed_frame(Embed *embed, Frame *out, const Frame *in, Err *err)
{
    Faces faces;
    if (faces_of(&faces, in, err) != 0)
        return -1;
    int rc = frame_set_meta(out, "kind", "embeddings", err);
    if (rc == 0)
        rc = frame_set_meta(out, "model", embedder_name(embed->embedder), err);
    if (rc == 0 && kernels_precision(embed->kernels) != PRECISION_FLOAT)
        rc = frame_set_meta(out, "precision", precisions[kernels_precision(embed->kernels)], err);
    if (rc == 0)
        rc = pass_columns(out, in, err);
    if (rc == 0 && in->tensors > 0)
        rc = embed_faces(embed, out, &faces, err);
    faces_release(&faces);
    return rc;
}

/* Streams ----------------------------------------------------------------------------------- */

static int open_output(Embed *embed, const char *output, const StreamReader *reader, Err *err)
{
    char *by = cli_by(reader_by(reader));
    int rc = writer_open(&embed->writer, output, by, err);
    embed->opened = rc == 0;
    free(by);
    return rc;
}

static int embed_stream(Embed *embed, const char *path, const char *output, Err *err)
{
    Frame in = {0};
    int rc;
    StreamReader *reader = reader_open(path, err);
    if (reader == NULL)
        return -1;
    while ((rc = reader_next(reader, &in, err)) > 0) {
        Err inner = {0};
        Frame out = {0};
        if (!embed->opened)
            rc = open_output(embed, output, reader, err);
        if (embed->opened && (rc = embed_frame(embed, &out, &in, &inner)) != 0)
            reader_blame(reader, &in, &inner, err);
        if (embed->opened && rc == 0)
            rc = writer_put(&embed->writer, &out, in.last, err);
        frame_release(&out);
        frame_release(&in);
        if (rc < 0)
            break;
    }
    reader_close(reader);
    return rc;
}

/* The model --------------------------------------------------------------------------------- */

/* Layers that a model was not quantised for cannot be computed in whole numbers. */
static int check_quantised(const Embed *embed, const char *model, Err *err)
{
    if (embed->precision != PRECISION_INT8 || graph_mark_integers(embed->graph) > 0)
        return 0;
    return err_set(err, "%s: no convolution is quantised; model-convert --quantize int8 does that",
                   model);
}

static int prepare(Embed *embed, const char *model, const ImportOptions *choice, int threads,
                   Err *err)
{
    NetOrigin origin;
    embed->graph = net_read_as(model, NULL, choice, &origin, err);
    if (embed->graph == NULL || (embed->kernels = cli_kernels(embed->choice, err)) == NULL ||
        cli_set_precision(embed->kernels, (Precision)embed->precision, embed->required, err) != 0)
        return -1;
    tell_origin(&origin);
    if (check_quantised(embed, model, err) != 0)
        return -1;
    const Graph *graph = embed->graph;
    char mean[PIXELS_TEXT], scale[PIXELS_TEXT];
    pixels_print(mean, graph_pixels(graph)->mean, 6);
    pixels_print(scale, graph_pixels(graph)->scale, 7);
    cli_note("%s, %s, %dx%d pixels normalised as (p - %s) * %s, %s first; %s; "
             "kernels: %s",
             graph_arch(graph), counted(graph_dim(graph), "dimension", "dimensions").text,
             graph_height(graph), graph_width(graph), mean, scale,
             graph_pixels(graph)->bgr ? "blue" : "red", counted(threads, "thread", "threads").text,
             kernels_name(embed->kernels));
    embed->pool = pool_new(threads, err);
    if (embed->pool == NULL)
        return -1;
    embed->embedder = embedder_new(graph, (Mirror)embed->mirror, embed->normalize, embed->pool,
                                   embed->kernels, err);
    if (embed->embedder == NULL)
        return -1;
    embedder_rate(embed->embedder, (FaceQuality)embed->rated);
    embed->decoder = calloc((size_t)threads, sizeof(Decoder *));
    embed->pixels = malloc(BATCH * face_bytes(embed));
    if (embed->decoder == NULL || embed->pixels == NULL)
        return err_memory(err, "a batch of faces", BATCH * face_bytes(embed));
    for (int i = 0; i < threads; i++)
        embed->decoder[i] = decoder_new(err);
    if (embed->measured && (embed->profile = profile_new(embed->graph, embed->pool, err)) != NULL)
        infer_profile(embedder_infer(embed->embedder), embed->profile);
    return err_is_set(err) ? -1 : 0;
}

static void release(Embed *embed, int threads)
{
    for (int i = 0; embed->decoder != NULL && i < threads; i++)
        decoder_free(embed->decoder[i]);
    free(embed->decoder);
    free(embed->pixels);
    free(embed->embedding);
    free(embed->quality);
    profile_free(embed->profile);
    embedder_free(embed->embedder);
    kernels_free(embed->kernels);
    pool_free(embed->pool);
    graph_free(embed->graph);
}

int main(int argc, char **argv)
{
    const char *model = NULL, *output = "-";
    int64_t threads = 0;
    ModelOptions stated = {0};
    bool bgr = false;
    Embed embed = {0};
    CliOption options[] = {
        CLI_FILE('m', "model", "MODEL", &model, "the model to embed with"),
        MODEL_OPTIONS(stated),
        CLI_FLAG(0, "bgr", &bgr, "the model takes BGR, not RGB"),
        CLI_WAS(0, "flip", "mirror"),
        CLI_CHOICE(0, "mirror", "none|sum|concat", &embed.mirror,
                   "how to use the embedding of the mirrored face"),
        CLI_CHOICE(0, "face-quality", "none|norm|flip", &embed.rated,
                   "what a column says of each face"),
        CLI_FLAG(0, "normalize", &embed.normalize, "scale each embedding to length 1"),
        CLI_CHOICE(0, "store", EMBEDDING_STORES, &embed.store, "how the numbers are stored"),
        CLI_CHOICE(0, "precision", "float|bf16|int8", &embed.precision,
                   "what products are computed from"),
        CLI_LOCAL_FLAG(0, "require-precision", &embed.required,
                       "fail where it is not to be had, rather than compute in float"),
        CLI_LOCAL_FLAG(0, "profile", &embed.measured, "print the time spent in each layer"),
        CLI_KERNELS(&embed.choice),
        CLI_THREADS(&threads),
        CLI_OUTPUT(&output),
        CLI_END,
    };
    Err err = {0};
    static char *standard_input[] = {"-"};
    int operand = cli_start(&cli, options, argc, argv), n = argc - operand;
    char **inputs = n > 0 ? argv + operand : standard_input;
    ImportOptions choice = {.bgr = bgr ? &bgr : NULL};
    model_choice(&choice, &stated);
    int rc = prepare(&embed, model, &choice, (int)threads, &err);
    if (rc == 0)
        embed.progress = progress_begin("faces", total_rows(inputs, n > 0 ? n : 1));
    for (int i = 0; rc == 0 && i < (n > 0 ? n : 1); i++)
        rc = embed_stream(&embed, inputs[i], output, &err);
    progress_end();
    if (rc == 0)
        rc = writer_close(&embed.writer, &err);
    writer_abort(&embed.writer);
    if (rc == 0 && embed.profile != NULL)
        profile_write(stderr, embed.profile);
    release(&embed, (int)threads);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
