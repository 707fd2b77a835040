/* model-convert: models of other programs become ours */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "format/safetensors.h"
#include "nn/model.h"
#include "nn/torch.h"
#include "stream/writer.h"

enum { ORDER_KEPT, ORDER_RGB, ORDER_BGR };

static Cli cli = {.name = "model-convert",
                  .operands = "MODEL",
                  .summary = "Converts a PyTorch state_dict in a safetensors file to a model."};

/* What the options say about pixels takes the place of what the model says. */
static void set_pixels(Pixels *pixels, const Pixels *given, int order)
{
    if (cli_given(&cli, "mean"))
        pixels->mean = given->mean;
    if (cli_given(&cli, "scale"))
        pixels->scale = given->scale;
    if (order != ORDER_KEPT)
        pixels->bgr = order == ORDER_BGR;
}

static int load(Graph **graph, const char *path, const char *arch, Err *err)
{
    Frame frame;
    Err inner = {0};
    if (safetensors_read(&frame, path, err) != 0)
        return -1;
    if (frame_meta(&frame, "kind") != NULL)
        err_set(&inner, "its kind is '%.60s': this is a tensor stream, not PyTorch's",
                frame_meta(&frame, "kind"));
    else
        *graph = torch_graph(&frame, arch, &inner);
    frame_release(&frame);
    return *graph != NULL ? 0 : err_set(err, "%.300s: %.600s", path, inner.text);
}

static int save(const Graph *graph, const char *path, Err *err)
{
    StreamWriter writer;
    Frame frame = {0};
    char *by = cli_by("");
    int rc = writer_open(&writer, path, by, err);
    free(by);
    if (rc != 0)
        return -1;
    rc = model_add(&frame, graph, err);
    if (rc == 0)
        rc = writer_put(&writer, &frame, true, err);
    if (rc == 0)
        rc = writer_close(&writer, err);
    writer_abort(&writer);
    frame_release(&frame);
    return rc;
}

static void tell(const Graph *graph)
{
    cli_note("%s, %dx%d pixels, embedding of %d; pixels are (p - %g) * %.7g, %s", graph->arch,
             graph->size, graph->size, graph->embedding, graph->pixels.mean, graph->pixels.scale,
             graph->pixels.bgr ? "blue first" : "red first");
}

int main(int argc, char **argv)
{
    const char *arch = NULL, *output = "-";
    Pixels pixels = {0};
    int order = ORDER_KEPT;
    Graph *graph = NULL;
    Err err = {0};
    CliOption options[] = {
        CLI_TEXT('a', "arch", "NAME", &arch, "the architecture; by default the names tell"),
        CLI_REAL(0, "mean", "X", &pixels.mean, -1e6, 1e6, "what is subtracted from bytes"),
        CLI_REAL(0, "scale", "X", &pixels.scale, -1e6, 1e6, "and what they are multiplied with"),
        CLI_CHOICE(0, "order", "kept|rgb|bgr", &order, "which colour comes first"),
        CLI_OUTPUT(&output),
        CLI_END,
    };
    int operand = cli_start(&cli, options, argc, argv);
    if (argc - operand != 1)
        cli_misuse("one model is converted at a time");
    int rc = load(&graph, argv[operand], arch, &err);
    if (rc == 0) {
        set_pixels(&graph->pixels, &pixels, order);
        tell(graph);
        rc = save(graph, output, &err);
    }
    graph_free(graph);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
