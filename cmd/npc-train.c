/* npc-train: batches of faces in, a model out */
#include <cblas.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "batching.h"
#include "cli.h"
#include "stream/faces.h"
#include "stream/pack.h"
#include "stream/reader.h"
#include "train/log.h"
#include "train/schedule.h"
#include "train/training.h"

static Cli cli = {.name = "npc-train",
                  .operands = "[BATCHES]",
                  .summary = "Trains a net on batches of faces with a margin loss.",
                  .blas = true};

/* The choices of --pixels */
static const Pixels pixel_choices[] = {
    {.mean = 127.5, .scale = 1 / 128.0, .bgr = true},
    {.mean = 127.5, .scale = 1 / 127.5, .bgr = false},
};

typedef struct Options {
    TrainingConfig training;
    Sgd sgd;
    double clip;
    Schedule schedule;
    BatcherOptions batching;
    const char *pack, *batches; /* one of them is NULL */
    const char *resume, *checkpoint, *log, *output;
    int64_t every, log_every, threads;
    bool profile;
} Options;

/* Batches, from a stream that face-batch made or from a pack through the same sampler. */
typedef struct Feed {
    StreamReader *reader;
    Batcher *batcher;
    Frame own;    /* of the reader */
    Frame *frame; /* the batch at hand */
    Faces faces;
    int64_t batch, epoch; /* numbers of the batch at hand, from 0 */
    int64_t batches;      /* in all, -1 while unknown */
    double waited;        /* seconds spent in feed_next */
} Feed;

/* Everything of a run */
typedef struct Run {
    Options *options;
    Pool *pool;
    Training *training;
    Feed feed;
    TrainLog log;
    Progress progress;
    int64_t *label;  /* of the batch at hand */
    int64_t resumed; /* steps that were done before */
    LogLine line;    /* sums since the last line */
    int64_t line_steps, line_images;
    double line_begun, line_waited;
} Run;

/* Feeding ----------------------------------------------------------------------------------- */

static int feed_open(Feed *feed, const Options *options, int64_t start, Err *err)
{
    *feed = (Feed){.batch = -1, .batches = -1};
    if (options->pack == NULL) {
        feed->reader = reader_open(options->batches, err);
        return feed->reader != NULL ? 0 : -1;
    }
    BatcherOptions batching = options->batching;
    batching.start = start;
    if (batching.order.epochs == 0)
        batching.order.epochs = 1; /* its first batch tells the size of the faces */
    feed->batcher = batcher_open(options->pack, &batching, err);
    if (feed->batcher == NULL)
        return -1;
    feed->batches = batcher_batches(feed->batcher);
    return 0;
}

static void feed_close(Feed *feed)
{
    faces_release(&feed->faces);
    frame_release(&feed->own);
    batcher_close(feed->batcher);
    reader_close(feed->reader);
}

static const char *feed_by(const Feed *feed)
{
    return feed->batcher != NULL ? batcher_by(feed->batcher) : reader_by(feed->reader);
}

/* A whole number from the frame's metadata, or the other one when there is none. */
static int64_t number_of(const Frame *frame, const char *key, int64_t otherwise)
{
    int64_t value;
    const char *text = frame_meta(frame, key);
    return text != NULL && num_int(text, 0, INT64_MAX, &value) ? value : otherwise;
}

static int next_frame(Feed *feed, Err *err)
{
    if (feed->batcher != NULL)
        return batcher_next(feed->batcher, &feed->frame, err);
    int rc;
    do {
        frame_release(&feed->own);
        rc = reader_next(feed->reader, &feed->own, err);
        feed->frame = &feed->own;
    } while (rc == 1 && feed->own.tensors == 0); /* what ends a stream */
    return rc;
}

static int check_batch(Feed *feed, Err *err)
{
    Err inner = {0};
    if (faces_of(&feed->faces, feed->frame, &inner) != 0)
        return err_set(err, "batch %" PRId64 ": %s", feed->batch, inner.text);
    if (feed->faces.image == NULL)
        return err_set(err, "batch %" PRId64 ": its faces are JPEG files; face-batch decodes them",
                       feed->batch);
    return 0;
}

/* The next batch: 1, 0 at the end, -1. */
static int feed_next(Feed *feed, Err *err)
{
    double begun = cli_clock();
    faces_release(&feed->faces);
    int rc = next_frame(feed, err);
    feed->waited += cli_clock() - begun;
    if (rc <= 0)
        return rc;
    feed->batch = number_of(feed->frame, "batch", feed->batch + 1);
    feed->epoch = number_of(feed->frame, "epoch", feed->epoch);
    feed->batches = number_of(feed->frame, "batches", feed->batches);
    return check_batch(feed, err) == 0 ? 1 : -1;
}

/* Reporting --------------------------------------------------------------------------------- */

static void add_to_line(Run *run, const TrainingStats *stats, double lr)
{
    LogLine *line = &run->line;
    line->lr = lr;
    line->loss += stats->head.loss;
    line->own_cosine += stats->head.own_cosine;
    line->hard += stats->head.hard;
    line->margin += stats->head.margin;
    line->gradient += stats->gradient;
    run->line_steps++;
    run->line_images += run->feed.faces.rows.n;
}

/* Means of what was summed, to the log and to the terminal, and a new line begun. */
static int report(Run *run, Err *err)
{
    LogLine *line = &run->line;
    double now = cli_clock(), seconds = now - run->line_begun, n = (double)run->line_steps;
    if (run->line_steps == 0)
        return 0;
    line->step = training_steps(run->training);
    line->epoch = run->feed.epoch;
    line->images_per_second = (double)run->line_images / seconds;
    line->waiting = (run->feed.waited - run->line_waited) / seconds;
    line->loss /= n;
    line->own_cosine /= n;
    line->hard /= n;
    line->margin /= n;
    line->gradient /= n;
    cli_note("step %" PRId64 ", epoch %" PRId64
             ": loss %.4f, own cosine %.3f, %.0f hard negatives, "
             "margin %.3f, lr %.4g; %.1f images/s, %.0f%% waiting",
             line->step, line->epoch, line->loss, line->own_cosine, line->hard, line->margin,
             line->lr, line->images_per_second, 100 * line->waiting);
    int rc = run->log.f != NULL ? log_put(&run->log, line, err) : 0;
    *line = (LogLine){0};
    run->line_steps = run->line_images = 0;
    run->line_begun = now;
    run->line_waited = run->feed.waited;
    return rc;
}

/* Training ---------------------------------------------------------------------------------- */

static int save(Run *run, const char *path, Err *err)
{
    const Options *o = run->options;
    char recipe[512], *by = cli_by(feed_by(&run->feed));
    snprintf(recipe, sizeof recipe,
             "lr=%g momentum=%g weight_decay=%g spare_norms=%d clip=%g schedule=%s milestones=%d "
             "gamma=%g power=%g warmup=%" PRId64 " batch=%d seed=%" PRIu64,
             o->schedule.lr, o->sgd.momentum, o->sgd.weight_decay, o->sgd.spare_norms, o->clip,
             o->schedule.kind == SCHEDULE_STEPS ? "steps" : "polynomial", o->schedule.milestones,
             o->schedule.gamma, o->schedule.power, o->schedule.warmup, o->training.batch,
             o->training.seed);
    int rc = training_save(run->training, path, by, recipe, err);
    free(by);
    return rc;
}

/* The batch at hand must have faces of the net's size and no more of them than the first one. */
static int check_faces(const Run *run, Err *err)
{
    const Faces *faces = &run->feed.faces;
    const TrainingConfig *config = &run->options->training;
    if (faces->h != config->size || faces->w != config->size)
        return err_set(err, "batch %" PRId64 " has faces of %dx%d pixels, the net takes %dx%d",
                       run->feed.batch, faces->w, faces->h, config->size, config->size);
    if (faces->rows.n > config->batch)
        return err_set(err, "batch %" PRId64 " has %" PRId64 " faces, the first one had %d",
                       run->feed.batch, faces->rows.n, config->batch);
    return 0;
}

static int step(Run *run, Err *err)
{
    const Options *options = run->options;
    const Faces *faces = &run->feed.faces;
    int64_t done = training_steps(run->training);
    Sgd sgd = options->sgd;
    TrainingStats stats;
    Err inner = {0};
    if (check_faces(run, err) != 0)
        return -1;
    for (int64_t i = 0; i < faces->rows.n; i++)
        run->label[i] = faces_label(faces, i);
    sgd.lr = schedule_rate(&options->schedule, done, run->feed.epoch);
    if (training_step(run->training, faces->image->data, run->label, (int)faces->rows.n, &sgd,
                      options->clip, &stats, &inner) != 0)
        return err_set(err, "step %" PRId64 ", learning rate %g: %s", done + 1, sgd.lr, inner.text);
    add_to_line(run, &stats, sgd.lr);
    progress_step(&run->progress, 1);
    done++;
    if (done % options->log_every == 0 && report(run, err) != 0)
        return -1;
    if (options->checkpoint != NULL && done % options->every == 0)
        return save(run, options->checkpoint, err);
    return 0;
}

/* All batches from the one at hand (rc = 1, as feed_next has it) to the end. Those that were done
 * before a resume are skipped: a pipe brings them again. */
static int train(Run *run, int rc, Err *err)
{
    bool none = run->options->batching.order.epochs == 0;
    run->line_begun = cli_clock();
    for (; rc == 1 && !none; rc = feed_next(&run->feed, err))
        if (run->feed.batch >= run->resumed && step(run, err) != 0)
            return -1;
    return rc < 0 ? -1 : report(run, err);
}

/* Setting up -------------------------------------------------------------------------------- */

/* One more than the largest label of a pack. */
static int64_t count_identities(const char *path, Err *err)
{
    int64_t most = -1;
    Pack *pack = pack_open(path, err);
    for (size_t i = 0; pack != NULL && i < pack_frames(pack) && !err_is_set(err); i++) {
        Faces faces;
        const Frame *frame = pack_frame_at(pack, i, err);
        if (frame == NULL || faces_of(&faces, frame, err) != 0)
            break;
        for (int64_t row = 0; row < faces.rows.n; row++)
            most = faces_label(&faces, row) > most ? faces_label(&faces, row) : most;
        faces_release(&faces);
    }
    pack_close(pack);
    return err_is_set(err) ? -1 : most + 1;
}

/* What neither an option nor a model said is read off the data: size, batch, identities. */
static int complete_config(Run *run, int rc, Err *err)
{
    Options *options = run->options;
    TrainingConfig *config = &options->training;
    const Faces *faces = &run->feed.faces;
    if (rc == 0 && config->size == 0)
        return err_set(err, "there are no batches");
    if (rc == 1 && config->size == 0)
        config->size = faces->h;
    config->batch = rc == 1 ? (int)faces->rows.n : 1;
    if (options->pack != NULL && rc == 1 && options->batching.order.batch > config->batch)
        config->batch = (int)options->batching.order.batch;
    /* the metadata of a pack's first frame knows nothing of streams that were joined to it */
    if (config->identities == 0 && options->pack != NULL)
        config->identities = count_identities(options->pack, err);
    else if (config->identities == 0 && rc == 1)
        config->identities = number_of(run->feed.frame, "identities", 0);
    if (config->identities == 0)
        return err_set(err, "the batches do not say how many identities there are: use "
                            "--identities N");
    if (options->schedule.total == 0)
        options->schedule.total = run->feed.batches;
    if (options->schedule.kind == SCHEDULE_POLYNOMIAL && options->schedule.total < 1)
        return err_set(err, "the batches do not say how many they are, as a polynomial schedule "
                            "needs: use --total N");
    run->label = malloc((size_t)config->batch * sizeof *run->label);
    if (run->label == NULL)
        return err_memory(err, "labels", (size_t)config->batch * sizeof *run->label);
    return config->identities > 0 ? 0 : -1;
}

static int run_all(Run *run, Err *err)
{
    Options *options = run->options;
    run->pool = pool_new((int)options->threads, err);
    if (run->pool == NULL || feed_open(&run->feed, options, run->resumed, err) != 0)
        return -1;
    int rc = feed_next(&run->feed, err);
    if (rc < 0 || complete_config(run, rc, err) != 0)
        return -1;
    if ((run->training = training_new(&options->training, run->pool, err)) == NULL ||
        (options->resume != NULL && training_load(run->training, options->resume, err) != 0) ||
        (options->profile && training_profile(run->training, err) != 0) ||
        (options->log != NULL && log_open(&run->log, options->log, run->resumed, err) != 0))
        return -1;
    cli_note("%s, %" PRId64 " identities, %s head, batch %d, %dx%d pixels, %" PRId64 " threads; "
             "OpenBLAS kernels for %s",
             options->training.arch, options->training.identities,
             options->training.head.info->name, options->training.batch, options->training.size,
             options->training.size, options->threads, openblas_get_corename());
    int64_t left = run->feed.batches - run->resumed;
    run->progress = progress_begin("steps", left > 0 ? left : 0);
    rc = train(run, rc, err);
    progress_end();
    if (rc == 0)
        rc = save(run, options->output, err);
    if (rc == 0 && options->profile)
        training_write_profile(stderr, run->training);
    return rc;
}

static void run_release(Run *run)
{
    Err ignored = {0};
    log_close(&run->log, &ignored);
    training_free(run->training);
    feed_close(&run->feed);
    pool_free(run->pool);
    free(run->label);
}

/* Options ----------------------------------------------------------------------------------- */

typedef struct Raw {
    const char *arch, *head, *preset, *milestones;
    CliList head_options;
    int pixels, schedule;
    int64_t embedding, identities, seed;
    uint64_t head_memory;
    bool in_order;
} Raw;

static void take_head(HeadOptions *head, const Raw *raw)
{
    Err err = {0};
    int rc = head_options_init(head, raw->head, &err);
    if (rc == 0 && raw->preset != NULL)
        rc = head_options_preset(head, raw->preset, &err);
    for (int i = 0; rc == 0 && i < raw->head_options.n; i++)
        rc = head_options_parse(head, raw->head_options.item[i], &err);
    if (rc != 0)
        cli_misuse("%s", err.text);
}

/* From the options; then, with --resume, what was not given is the model's. */
static int take_config(Run *run, const Raw *raw, Err *err)
{
    Options *options = run->options;
    TrainingConfig *config = &options->training, model = {0};
    if (options->checkpoint != NULL && access(options->checkpoint, F_OK) == 0)
        options->resume = options->checkpoint;
    if (options->resume != NULL &&
        training_config_of(&model, &run->resumed, options->resume, err) != 0)
        return -1;
    bool fresh = options->resume == NULL;
    config->size = model.size;
    snprintf(config->arch, sizeof config->arch, "%s",
             fresh || cli_given(&cli, "arch") ? raw->arch : model.arch);
    config->embedding =
        fresh || cli_given(&cli, "embedding") ? (int)raw->embedding : model.embedding;
    config->identities = cli_given(&cli, "identities") ? raw->identities : model.identities;
    config->pixels = pixel_choices[raw->pixels];
    if (!fresh && !cli_given(&cli, "pixels"))
        config->pixels = model.pixels;
    if (!fresh && !cli_given(&cli, "head") && !cli_given(&cli, "preset") &&
        !cli_given(&cli, "head-option"))
        config->head = model.head;
    else
        take_head(&config->head, raw);
    config->seed = options->batching.order.seed = (uint64_t)raw->seed;
    config->head_memory = raw->head_memory;
    return 0;
}

/* What would only be found out after hours of training. */
static void check_output(const char *path)
{
    Err err = {0};
    Out probe;
    if (strcmp(path, "-") == 0 && isatty(STDOUT_FILENO))
        cli_misuse("will not write a model to a terminal: use -o FILE");
    if (out_open(&probe, path, &err) != 0)
        exit(cli_fail(&err));
    if (!probe.direct)
        out_abort(&probe);
}

static void check_options(Options *options, const Raw *raw, int operands, char **operand)
{
    Err err = {0};
    if (operands > 1 || (operands == 1 && options->pack != NULL))
        cli_misuse("more than one input");
    options->batches = options->pack != NULL ? NULL : operands == 1 ? operand[0] : "-";
    for (const char **o =
             (const char *[]){"batch", "epochs", "no-shuffle", "buffer", "drop-last", "flip",
                              "crop", "low-res", "photometric", "per-identity", NULL};
         *o != NULL && options->pack == NULL; o++)
        if (cli_given(&cli, *o))
            cli_misuse("--%s is for batches made from a pack (-i); those of a stream are made", *o);
    if (schedule_parse_milestones(&options->schedule, raw->milestones, &err) != 0)
        cli_misuse("%s", err.text);
    options->schedule.kind = raw->schedule == 0 ? SCHEDULE_STEPS : SCHEDULE_POLYNOMIAL;
    batching_finish(&options->batching, raw->in_order);
    options->batching.threads = (int)options->threads;
}

int main(int argc, char **argv)
{
    Raw raw = {.arch = "mobilefacenet",
               .head = "npcface",
               .milestones = "",
               .embedding = 512,
               .seed = 1,
               .head_memory = 1 << 28};
    Options options = {
        .sgd = {.momentum = 0.9, .weight_decay = 1e-4},
        .schedule = {.lr = 0.1, .gamma = 0.1, .power = 1},
        .batching = {.order = {.batch = 128, .epochs = 1}, .buffer = 4096},
        .output = "-",
        .every = 500,
        .log_every = 20,
    };
    Schedule *schedule = &options.schedule;
    CliOption table[] = {
        CLI_PATH('i', "input", "PACK", &options.pack, "make batches from a pack of faces"),
        CLI_TEXT('a', "arch", "NAME", &raw.arch, "the net"),
        CLI_INT(0, "embedding", "D", &raw.embedding, 1, 65536, "numbers in an embedding"),
        CLI_CHOICE(0, "pixels", "bgr128|rgb127.5", &raw.pixels, "how pixels become numbers"),
        CLI_TEXT(0, "head", "NAME", &raw.head, "the loss"),
        CLI_TEXT(0, "preset", "NAME", &raw.preset, "a set of the loss's constants"),
        CLI_LIST(0, "head-option", "KEY=VALUE", &raw.head_options, "a constant of the loss"),
        CLI_INT(0, "identities", "N", &raw.identities, 2, INT32_MAX, "identities in all"),
        CLI_REAL(0, "lr", "RATE", &schedule->lr, 0, 1e6, "learning rate"),
        CLI_REAL(0, "momentum", "M", &options.sgd.momentum, 0, 1, "momentum"),
        CLI_REAL(0, "weight-decay", "W", &options.sgd.weight_decay, 0, 1, "weight decay"),
        CLI_FLAG(0, "spare-norms", &options.sgd.spare_norms, "no decay of batch norm and PReLU"),
        CLI_CHOICE(0, "schedule", "steps|polynomial", &raw.schedule, "how the rate falls"),
        CLI_TEXT(0, "milestones", "LIST", &raw.milestones, "epochs after which it falls"),
        CLI_REAL(0, "gamma", "G", &schedule->gamma, 0, 1, "by this factor"),
        CLI_REAL(0, "power", "P", &schedule->power, 0, 10, "of the polynomial"),
        CLI_INT(0, "warmup", "N", &schedule->warmup, 0, INT32_MAX, "steps of linear rise"),
        CLI_INT(0, "total", "N", &schedule->total, 1, INT64_MAX, "steps in all"),
        CLI_REAL(0, "clip", "NORM", &options.clip, 0, 1e9, "bound the net's gradient"),
        CLI_INT('s', "seed", "S", &raw.seed, 0, INT64_MAX, "seed of everything random"),
        BATCHING_OPTIONS(options.batching, raw.in_order),
        CLI_PATH(0, "resume", "MODEL", &options.resume, "go on from a model"),
        CLI_PATH(0, "checkpoint", "FILE", &options.checkpoint, "save to, and resume from, FILE"),
        CLI_LOCAL(0, "every", "N", &options.every, 1, INT64_MAX, "steps between checkpoints"),
        CLI_PATH(0, "log", "FILE", &options.log, "write a TSV"),
        CLI_LOCAL(0, "log-every", "N", &options.log_every, 1, INT64_MAX, "steps between its lines"),
        CLI_SIZE(0, "head-memory", "SIZE", &raw.head_memory, "memory for the head's cosines"),
        CLI_LOCAL_FLAG(0, "profile", &options.profile, "print where the time went"),
        CLI_THREADS(&options.threads),
        CLI_OUTPUT(&options.output),
        CLI_END,
    };
    Err err = {0};
    int operand = cli_start(&cli, table, argc, argv);
    check_options(&options, &raw, argc - operand, argv + operand);
    check_output(options.output);
    Run run = {.options = &options};
    int rc = take_config(&run, &raw, &err);
    if (rc == 0)
        rc = run_all(&run, &err);
    run_release(&run);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
