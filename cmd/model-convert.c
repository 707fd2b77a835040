/* model-convert: models from one program's format to another's */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/out.h"
#include "base/rng_internal.h"
#include "cli/cli.h"
#include "cli/model-options.h"
#include "model-convert/quantise.h"
#include "nn/infer.h"
#include "nn/model.h"
#include "nn/quantise_internal.h"
#include "onnx/export_internal.h"
#include "stream/writer.h"

enum { ORDER_KEPT, ORDER_RGB, ORDER_BGR };
enum { TO_AUTO, TO_MODEL, TO_ONNX };
enum { QUANTIZE_NONE, QUANTIZE_INT8 };

/* The random faces that an exported model is checked with, and the largest difference that rounding
 * explains, relative to the largest number. */
enum { CHECK_FACES = 4 };
#define CHECK_BOUND 1e-3

/* The same of a quantised net: a number that lies between two levels goes to the other one when it
 * was summed in another way, and what follows with it. */
#define CHECK_BOUND_ROUNDED 0.2

static const CliRule rules[] = {
    {CLI_TOGETHER, "quantize calibration-faces", NULL},
    {CLI_NEEDS, "force", "quantize"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "model-convert",
                  .rules = rules,
                  .operands = "MODEL",
                  .summary = "Converts models between PyTorch, ONNX and this project's format.",
                  .blas = true};

/* Writing ---------------------------------------------------------------------------------------*/

static int write_frame(Frame *frame, const char *path, Err *err)
{
    char *by = cli_by("");
    int rc = writer_write(path, by, frame, err);
    free(by);
    return rc;
}

/* The embeddings of the random faces in new memory, or NULL. */
static real *embed_random(const Graph *graph, Pool *pool, Err *err)
{
    size_t bytes = CHECK_FACES * graph_image_bytes(graph);
    uint8_t *rgb = malloc(bytes);
    real *embedding = malloc(CHECK_FACES * (size_t)graph_dim(graph) * sizeof *embedding);
    Infer *infer = infer_new(graph, CHECK_FACES, pool, NULL, err);
    Rng rng = rng_at(1, 0, 0, 0);
    for (size_t i = 0; rgb != NULL && i < bytes; i++)
        rgb[i] = (uint8_t)rng_below(&rng, 256);
    if (rgb != NULL && embedding != NULL && infer != NULL)
        infer_run(infer, embedding, rgb, CHECK_FACES, false);
    else
        err_memory(err, "random faces", bytes);
    infer_free(infer);
    free(rgb);
    for (int i = 0; !err_is_set(err) && i < CHECK_FACES * graph_dim(graph); i++)
        if (!isfinite(embedding[i]))
            err_set(err,
                    "the net is unusable: for random faces it gives numbers that are not finite");
    return embedding;
}

static int compare(const Graph *graph, const Graph *again, Err *err)
{
    Pool *pool = pool_new(1, err);
    real *a = pool != NULL ? embed_random(graph, pool, err) : NULL;
    real *b = a != NULL ? embed_random(again, pool, err) : NULL;
    double worst = 0, largest = 0;
    for (int i = 0; b != NULL && !err_is_set(err) && i < CHECK_FACES * graph_dim(graph); i++) {
        worst = fmax(worst, fabs(a[i] - b[i]));
        largest = fmax(largest, fabs(a[i]));
    }
    if (!err_is_set(err)) {
        cli_note("read back and run on %d random faces: the largest difference is %.2g, of %.3g",
                 CHECK_FACES, worst, largest);
        if (!(worst <= (graph_rounds(graph) ? CHECK_BOUND_ROUNDED : CHECK_BOUND) * largest))
            err_set(err, "the converted model does not compute the same: off by %g, of %g", worst,
                    largest);
    }
    free(a);
    free(b);
    pool_free(pool);
    return err_is_set(err) ? -1 : 0;
}

/* Reads what will be written and runs both. */
static int check_onnx(const Graph *graph, const uint8_t *bytes, size_t size, Err *err)
{
    const ImportOptions as_it_says = {0};
    Graph *again = onnx_import(bytes, size, ".", &as_it_says, err);
    if (again == NULL)
        return -1;
    int rc = graph_dim(again) == graph_dim(graph)
                 ? compare(graph, again, err)
                 : err_set(err, "the ONNX model has embeddings of %s",
                           counted(graph_dim(again), "dimension", "dimensions").text);
    graph_free(again);
    return rc;
}

/* A model that cannot be read back, or that computes something else, is not written. */
static int check_frame(const Graph *graph, const Frame *frame, Err *err)
{
    Err why = {0};
    Graph *again = model_graph(frame, &why);
    if (again == NULL)
        return err_set(err, "the model could not be read back: %s", why.text);
    int rc = compare(graph, again, err);
    graph_free(again);
    return rc;
}

static int save_model(const Graph *graph, const char *path, Err *err)
{
    Frame frame = {0};
    int rc = model_add(&frame, graph, err);
    if (rc == 0)
        rc = check_frame(graph, &frame, err);
    if (rc == 0)
        rc = write_frame(&frame, path, err);
    frame_release(&frame);
    return rc;
}

static int save_onnx(const Graph *graph, const ExportOptions *options, const char *path, Err *err)
{
    size_t size;
    Out out;
    uint8_t *bytes = onnx_export(graph, options, &size, err);
    int rc = bytes != NULL ? check_onnx(graph, bytes, size, err) : -1;
    if (rc == 0 && (rc = out_open(&out, path, err)) == 0) {
        rc = out_write(&out, bytes, size, err);
        if (rc == 0)
            rc = out_commit(&out, err);
        out_abort(&out);
    }
    free(bytes);
    return rc;
}

static void tell(const Graph *graph)
{
    char mean[PIXELS_TEXT], scale[PIXELS_TEXT];
    pixels_print(mean, graph_pixels(graph)->mean, 6);
    pixels_print(scale, graph_pixels(graph)->scale, 7);
    cli_note("%s, %dx%d pixels, %s; pixels are normalised as (p - %s) * %s, %s", graph_arch(graph),
             graph_height(graph), graph_width(graph),
             counted(graph_dim(graph), "dimension", "dimensions").text, mean, scale,
             graph_pixels(graph)->bgr ? "blue first" : "red first");
}

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

int main(int argc, char **argv)
{
    const char *arch = NULL, *output = "-";
    ModelOptions stated = {0};
    int order = ORDER_KEPT, to = TO_AUTO;
    int64_t opset = 13;
    bool unfolded = false, force = false;
    int quantize = QUANTIZE_NONE;
    const char *faces = NULL;
    Err err = {0};
    CliOption options[] = {
        CLI_TEXT('a', "arch", "NAME", &arch, "the architecture; by default recognised by names"),
        MODEL_OPTIONS(stated),
        CLI_CHOICE(0, "order", "kept|rgb|bgr", &order, "order of the channels"),
        CLI_CHOICE(0, "to", "auto|model|onnx", &to,
                   "what to write; auto goes by the output's name"),
        CLI_INT(0, "opset", "N", &opset, OPSET_FIRST, OPSET_LAST,
                "opset version of the ONNX model"),
        CLI_FLAG(0, "unfolded", &unfolded, "in ONNX, leave batch norms as they are"),
        CLI_CHOICE(0, "quantize", "none|int8", &quantize, "what convolutions are rounded to"),
        CLI_FILE(0, "calibration-faces", "FACES", &faces, "faces that say what numbers range over"),
        CLI_FLAG(0, "force", &force, "quantize even where embeddings change too much"),
        CLI_OUTPUT(&output),
        CLI_END,
    };
    int operand = cli_start(&cli, options, argc, argv);
    if (argc - operand != 1)
        cli_misuse("exactly one model is needed");
    bool bgr = order == ORDER_BGR;
    ImportOptions choice = {.bgr = order != ORDER_KEPT ? &bgr : NULL};
    model_choice(&choice, &stated);
    const ExportOptions form = {.opset = (int)opset, .fold = !unfolded};
    NetOrigin origin;
    Graph *graph = net_read_as(argv[operand], arch, &choice, &origin, &err);
    int rc = graph != NULL ? 0 : -1;
    if (rc == 0) {
        tell_origin(&origin);
        tell(graph);
    }
    if (rc == 0 && quantize == QUANTIZE_INT8)
        rc = quantise(&graph, faces, force, &err);
    if (rc == 0)
        rc = to == TO_ONNX || (to == TO_AUTO && ends_in(output, ".onnx"))
                 ? save_onnx(graph, &form, output, &err)
                 : save_model(graph, output, &err);
    graph_free(graph);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
