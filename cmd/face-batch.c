/* face-batch: faces in, shuffled and augmented batches out */
#include <stdlib.h>

#include "base/err.h"
#include "cli/batching.h"
#include "stream/writer.h"

static const CliRule rules[] = {
    {CLI_EXCLUDES, "per-identity", "no-shuffle"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "face-batch",
                  .operands = "[PACK]",
                  .rules = rules,
                  .summary = "Makes shuffled, augmented batches of faces."};

static int write_batches(Batcher *batcher, int64_t batch, StreamWriter *writer, Progress *progress,
                         Err *err)
{
    Frame *frame;
    bool told = batch == 1;
    int rc;
    while ((rc = batcher_next(batcher, &frame, err)) > 0) {
        const Tensor *image = frame_find(frame, "image");
        if (!told && image != NULL && image->shape[0] == 1) {
            cli_note("the last batch of an epoch has one face, which a net with batch norm cannot "
                     "be trained on: npc-train leaves it out; --drop-last does so here");
            told = true;
        }
        if (writer_put(writer, frame, frame->last, err) != 0)
            return -1;
        progress_step(progress, 1);
    }
    return rc;
}

static int run(const char *input, const char *output, const BatcherOptions *options, Err *err)
{
    StreamWriter writer = {0};
    int rc = -1;
    Batcher *batcher = batcher_open(input, options, err);
    if (batcher == NULL)
        return -1;
    char *by = cli_by(batcher_by(batcher));
    int64_t batches = batcher_batches(batcher);
    Progress progress = progress_begin("batches", batches < 0 ? 0 : batches - options->start);
    if (writer_open(&writer, output, by, err) == 0 &&
        write_batches(batcher, options->order.batch, &writer, &progress, err) == 0)
        rc = writer_close(&writer, err);
    progress_end();
    writer_abort(&writer);
    batcher_close(batcher);
    free(by);
    return rc;
}

int main(int argc, char **argv)
{
    int64_t seed = 1, threads = 0;
    bool in_order = false;
    const char *output = "-";
    BatcherOptions options = {.order = {.batch = 128, .epochs = 1}, .buffer = 4096};
    CliOption table[] = {
        BATCHING_OPTIONS(options, in_order),
        CLI_INT('s', "seed", "S", &seed, 0, INT64_MAX, "seed for everything random"),
        CLI_INT(0, "start-batch", "K", &options.start, 0, INT64_MAX, "skip the first K batches"),
        CLI_THREADS(&threads),
        CLI_OUTPUT(&output),
        CLI_END,
    };
    Err err = {0};
    int operand = cli_start(&cli, table, argc, argv);
    if (argc - operand > 1)
        cli_misuse("more than one pack");
    if (options.order.epochs == 0)
        cli_misuse("--epochs: with 0 there is nothing to do");
    options.order.seed = (uint64_t)seed;
    options.threads = (int)threads;
    batching_finish(&options, in_order);
    const char *input = operand < argc ? argv[operand] : "-";
    return run(input, output, &options, &err) == 0 ? cli_done() : cli_fail(&err);
}
