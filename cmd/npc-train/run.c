#include "run.h"

#include <cblas.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"

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
    report_add(&run->report, &stats, sgd.lr, &run->feed);
    progress_step(&run->progress, 1);
    done++;
    if (done % options->log_every == 0 && report_line(&run->report, done, &run->feed, err) != 0)
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
    for (; rc == 1 && !none; rc = feed_next(&run->feed, err))
        if (run->feed.batch >= run->resumed && step(run, err) != 0)
            return -1;
    return rc < 0 ? -1 : report_line(&run->report, training_steps(run->training), &run->feed, err);
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
    if (config->identities == 0)
        config->identities = feed_identities(&run->feed, options->pack, err);
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

/* The training as it begins: anew, from the weights of a net, or where a model was left. */
static int make_training(Run *run, Err *err)
{
    Options *options = run->options;
    Err inner = {0};
    run->training = training_new(&options->training, run->pool, err);
    if (run->training == NULL)
        return -1;
    if (run->saved != NULL && saved_restore(run->saved, run->training, err) != 0)
        return -1;
    if (run->net != NULL && training_start_from(run->training, run->net, &inner) != 0)
        return err_set(err, "cannot begin with %s: %s", options->init, inner.text);
    if (run->saved != NULL)
        saved_release(run->saved);
    graph_free(run->net);
    run->net = NULL;
    options->training.net = NULL;
    return options->profile ? training_profile(run->training, err) : 0;
}

static void introduce(const Options *options)
{
    const TrainingConfig *config = &options->training;
    cli_note("%s, %" PRId64 " identities, %s head, batch %d, %dx%d pixels, %" PRId64 " threads; "
             "OpenBLAS kernels for %s",
             config->arch, config->identities, config->head.info->name, config->batch, config->size,
             config->size, options->threads, openblas_get_corename());
}

int run_all(Run *run, Err *err)
{
    Options *options = run->options;
    run->pool = pool_new((int)options->threads, err);
    if (run->pool == NULL || feed_open(&run->feed, options, run->resumed, err) != 0)
        return -1;
    int rc = feed_next(&run->feed, err);
    if (rc < 0 || complete_config(run, rc, err) != 0)
        return -1;
    introduce(options);
    if (memory_plan(options, run->saved != NULL ? saved_bytes(run->saved) : 0, err) != 0 ||
        make_training(run, err) != 0 ||
        report_open(&run->report, options->log, run->resumed, err) != 0)
        return -1;
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

void run_release(Run *run)
{
    report_close(&run->report);
    training_free(run->training);
    graph_free(run->net);
    if (run->saved != NULL)
        saved_release(run->saved);
    feed_close(&run->feed);
    pool_free(run->pool);
    free(run->label);
}
