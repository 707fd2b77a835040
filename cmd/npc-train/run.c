#include "run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/counted_internal.h"
#include "base/num_internal.h"
#include "base/target_internal.h"
#include "checkpoint.h"
#include "cli/kernels.h"
#include "diverge.h"
#include "interrupt.h"
#include "job.h"
#include "memory.h"
#include "save.h"
#include "teach.h"
#include "train/divergence_internal.h"
#include "tune.h"
#include "validate.h"

/* The current batch must have faces of the net's size, and no more than the first batch had. */
static int check_faces(const Run *run, Err *err)
{
    const Faces *faces = &run->feed.faces;
    const TrainingConfig *config = &run->options->training;
    if (faces->h != config->size || faces->w != config->size)
        return err_set(err, "batch %" PRId64 " has faces of %dx%d pixels, the net takes %dx%d",
                       run->feed.batch, faces->w, faces->h, config->size, config->size);
    if (faces->rows.n > config->batch)
        return err_set(err, "batch %" PRId64 " has %s, the first one had %d", run->feed.batch,
                       counted(faces->rows.n, "face", "faces").text, config->batch);
    return 0;
}

/* Of one face batch norm has no variance: every embedding of it would be the same. It counts as a
 * step, so that the number of a batch stays the number of its step. */
static void leave_out(Run *run)
{
    training_skip(run->training);
    if (!run->left_out)
        cli_warn(
            "batch %" PRId64
            " has a single face, which has no variance for batch norm: such batches are left out",
            run->feed.batch);
    run->left_out = true;
}

static int after_step(Run *run, Err *err)
{
    const Options *options = run->options;
    int64_t done = training_steps(run->training);
    progress_step(&run->progress, 1);
    if (done % options->log_every == 0 && report_line(&run->report, done, &run->feed, err) != 0)
        return -1;
    return validate_step(run, err) == 0 ? checkpoint_step(run, err) : -1;
}

/* Is the loss far above what it was lately? */
static bool runs_away(Run *run, const TrainingStats *stats, Err *why)
{
    double bound;
    if (!training_diverges(run->training, stats, &bound))
        return false;
    err_set(why,
            "the loss is %g, above %g for %d steps, 3 times its running median; a lower learning "
            "rate, a longer warm-up or clipping may help",
            stats->head.loss, bound, DIVERGENCE_STEPS);
    return true;
}

static int step(Run *run, Err *err)
{
    const Options *options = run->options;
    const Faces *faces = &run->feed.faces;
    int64_t done = training_steps(run->training);
    Descent descent = options->descent;
    TrainingStats stats;
    Err inner = {0};
    if (check_faces(run, err) != 0)
        return -1;
    if (faces->rows.n == 1 && training_has_norms(run->training)) {
        leave_out(run);
        return after_step(run, err);
    }
    if (teach_batch(run, err) != 0)
        return -1;
    for (int64_t i = 0; i < faces->rows.n; i++)
        run->label[i] = faces_label(faces, i);
    descent.optimiser.lr =
        diverge_rate(run) * schedule_rate(&options->schedule, done, run->feed.epoch);
    job_stage("a step", false);
    int rc = training_step(run->training, faces->image->data, run->label, (int)faces->rows.n,
                           &descent, options->clip, &stats, &inner);
    bool diverged = rc == 0 ? runs_away(run, &stats, &inner) : stats.diverged;
    if (rc != 0 || diverged) {
        Err why = {0};
        err_set(&why, "step %" PRId64 ", learning rate %g: %s", done + 1, descent.optimiser.lr,
                inner.text);
        return diverged ? diverge(run, why.text, err) : err_set(err, "%s", why.text);
    }
    report_add(&run->report, &stats, descent.optimiser.lr, &run->feed);
    if (done >= options->schedule.warmup)
        report_watch(&run->report, &stats, &options->training);
    return after_step(run, err);
}

enum { INTERRUPTED = 1 };

/* Has any process had a signal? All ask after the same step. */
static bool interrupted(Run *run)
{
    run->signal = job_most(run, interrupt_signal());
    return run->signal != 0;
}

/* All batches from the current one on (rc = 1, as feed_next has it) to the end or a signal. Those
 * that were done before a resume are skipped: a pipe brings them again. */
static int train(Run *run, int rc, Err *err)
{
    bool none = run->options->batching.order.epochs == 0;
    for (; rc == 1 && !none && !interrupted(run); rc = feed_next(&run->feed, err)) {
        if (run->feed.batch >= run->resumed && step(run, err) != 0)
            return -1;
        job_stage("reading a batch", false);
    }
    if (rc < 0 && run->comm != NULL && run->options->pack != NULL) /* others may have gone on */
        return -1;
    if (run->signal != 0 || interrupted(run))
        return INTERRUPTED; /* whatever rc: what writes to our pipe had the same signal */
    return rc < 0 ? -1 : report_line(&run->report, training_steps(run->training), &run->feed, err);
}

/* The rows a step can have: of batches made here as they were asked for, of a stream those of the
 * first batch, or as the recipe has it when none is left. */
static void find_batch(Run *run, int rc)
{
    TrainingConfig *config = &run->options->training;
    char was[RECIPE_VALUE], now[24];
    int64_t saved;
    bool known = recipe_value(&run->recipe, "batch", was) && num_int(was, 1, 1 << 20, &saved);
    if (run->options->pack != NULL) {
        config->batch = (int)run->options->batching.order.batch;
        return;
    }
    config->batch = rc == 1 ? (int)run->feed.faces.rows.n : known ? (int)saved : 1;
    snprintf(now, sizeof now, "%d", config->batch);
    if (known && !run->recipe.early && strcmp(now, was) != 0)
        recipe_differs(&run->recipe, "batch", now, was);
}

/* Are these the faces that the training had so far? */
static void find_data(Run *run)
{
    char was[RECIPE_VALUE];
    feed_fingerprint(&run->feed, run->data);
    if (run->recipe.text == NULL)
        return;
    if (run->recipe.early && run->options->pack == NULL) {
        recipe_differs(&run->recipe, "batches", "of a stream, which are now shuffled differently",
                       "those of an earlier version");
    } else if (run->data[0] != '\0' && recipe_value(&run->recipe, "data", was) &&
               strcmp(was, run->data) != 0) {
        recipe_differs(&run->recipe, "data", run->data, was);
        run->other_data = true;
    }
}

static int find_total(Run *run, Err *err)
{
    Schedule *schedule = &run->options->schedule;
    run->total_given = schedule->total > 0;
    if (schedule->total == 0 && run->feed.batches > 0)
        schedule->total = run->feed.batches;
    if (schedule->kind != SCHEDULE_STEPS && schedule->total < 1)
        return err_set(err, "the stream does not say how many batches it has, which this schedule "
                            "needs: use --total N");
    return 0;
}

/* What neither an option nor a model said is read off the data: size, batch, identities. */
static int complete_config(Run *run, int rc, Err *err)
{
    Options *options = run->options;
    TrainingConfig *config = &options->training;
    if (rc == 0 && config->size == 0)
        return err_set(err, "there are no batches");
    if (rc == 1 && config->size == 0)
        config->size = run->feed.faces.h;
    find_batch(run, rc);
    find_data(run);
    if (config->identities == 0)
        config->identities = feed_identities(&run->feed, options->pack, err);
    if (config->identities == 0)
        return err_set(err,
                       "the stream does not say how many identities there are: use --identities N");
    if (config->identities < 0 || find_total(run, err) != 0)
        return -1;
    run->label = malloc((size_t)config->batch * sizeof *run->label);
    return run->label != NULL
               ? 0
               : err_memory(err, "labels", (size_t)config->batch * sizeof *run->label);
}

/* The training as it begins: anew, from the weights of a net, or where a model was left. */
static int make_training(Run *run, Err *err)
{
    Options *options = run->options;
    Err inner = {0};
    run->training = training_new(&options->training, run->pool, run->kernels, err);
    if (run->training == NULL)
        return -1;
    if (run->saved != NULL && saved_restore(run->saved, run->training, err) != 0)
        return -1;
    if (run->net != NULL && training_start_from(run->training, run->net, &inner) != 0)
        return err_set(err, "cannot start with %s: %s", options->init, inner.text);
    if (run->saved != NULL)
        saved_release(run->saved);
    graph_free(run->net);
    run->net = NULL;
    options->training.net = NULL;
    if (cli_given("dropout") && !training_has_dropout(run->training) &&
        options->training.dropout > 0)
        return err_set(err, "%s has no dropout: --dropout is for resnet50-ir and resnet100-ir",
                       options->training.arch);
    if (options->training.batch == 1 && training_has_norms(run->training))
        return err_set(
            err, "batches of one face: a single face has no variance for batch norm; use --batch");
    if (tune_rates(run, err) != 0 || tune_centres(run, err) != 0 || job_introduce(run, err) != 0)
        return -1;
    return options->profile ? training_profile(run->training, err) : 0;
}

static void introduce(const Options *options, const Kernels *kernels)
{
    const TrainingConfig *config = &options->training;
    cli_note("%s, %s, %s head, batch %d, %dx%d pixels", config->arch,
             counted(config->identities, "identity", "identities").text, config->head.info->name,
             config->batch, config->size, config->size);
    cli_note("%s; kernels: %s", counted(options->threads, "thread", "threads").text,
             kernels_name(kernels));
}

/* Going on with other kernels is fine, but gives other bytes than either would have. */
static void tell_kernels(const Run *run)
{
    const char *then = run->saved != NULL ? saved_kernels_last(run->saved->kernels) : "";
    const char *now = kernels_name(run->kernels);
    if (then[0] != '\0' && strcmp(then, now) != 0)
        cli_note("%s was trained with %s and goes on with %s: rounding differs",
                 run->options->resume, then, now);
}

/* A loss that compares the faces of a batch learns from identities that have two in it. By the
 * first batch of this run. */
static void tell_pairs(const Run *run)
{
    const Options *options = run->options;
    const Faces *faces = &run->feed.faces;
    const HeadInfo *head = options->training.head.info;
    bool made = options->pack != NULL && options->batching.order.per_identity >= 2;
    int64_t n = faces->rows.n, with = 0;
    if (!head_traits(head).pairs || made)
        return;
    for (int64_t i = 0; i < n; i++) {
        int64_t j = 0;
        while (j < n && (j == i || faces_label(faces, i) != faces_label(faces, j)))
            j++;
        with += j < n;
    }
    if (options->pack != NULL || with < n / 2)
        cli_warn("head %s compares the faces of a batch with each other: of %s of batch %" PRId64
                 " only %" PRId64 " share an identity; --per-identity K makes batches for it",
                 head->name, counted(n, "face", "faces").text, run->feed.batch, with);
}

static int tell_recipe(Run *run, Err *err)
{
    const Recipe *recipe = &run->recipe;
    const char *model = run->options->resume;
    if (recipe->text == NULL)
        return 0;
    cli_note("resumes from %s with step %" PRId64 "%s", model, run->resumed + 1,
             recipe->given[0] != '\0' ? "" : ", by its recipe");
    if (recipe->given[0] != '\0')
        cli_note("differs from its recipe: %s", recipe->given);
    if (recipe->missing[0] != '\0')
        cli_note("not in its recipe, so as given or by default: %s", recipe->missing);
    if (recipe->early)
        cli_note("%s was written by an earlier version: faces are shuffled as they were then",
                 model);
    return recipe_check(recipe, model, err);
}

static bool same_bytes(FILE *a, FILE *b)
{
    static const size_t room = 1 << 16;
    char *block = malloc(2 * room);
    size_t n = 1;
    bool same = block != NULL;
    while (same && n > 0) {
        n = fread(block, 1, room, a);
        same = fread(block + room, 1, room, b) == n && memcmp(block, block + room, n) == 0;
    }
    free(block);
    return same && !ferror(a) && !ferror(b);
}

/* Is the output there already, the bytes of the model that was read? */
static bool is_written(const Run *run)
{
    struct stat st;
    const char *output = run->options->output;
    if (stat(output, &st) != 0 || !S_ISREG(st.st_mode) || target_descriptor(output) >= 0)
        return false;
    FILE *a = fopen(output, "rb"), *b = fopen(run->options->resume, "rb");
    bool same = a != NULL && b != NULL && same_bytes(a, b);
    if (a != NULL)
        fclose(a);
    if (b != NULL)
        fclose(b);
    return same;
}

/* A run that was already complete: at most its output is missing. */
static int finish_again(Run *run, Err *err)
{
    bool written = job_agree(run, job_first(run) && is_written(run));
    cli_note("nothing is left to do: %s has its %s%s%s", run->options->resume,
             counted(run->resumed, "step", "steps").text, written ? "; it stays as it is: " : "",
             written ? run->options->output : "");
    diverge_watch(run);
    if (!written && save_output(run, err) != 0)
        return -1;
    checkpoint_end(run);
    return 0;
}

/* The last checkpoint is the whole training, so that a run that is started again finds it complete.
 */
static int finish(Run *run, Err *err)
{
    const Options *options = run->options;
    if (validate_last(run, err) != 0)
        return -1;
    if (options->checkpoint != NULL && training_steps(run->training) > run->resumed &&
        checkpoint_write(run, err) != 0)
        return -1;
    if (save_output(run, err) != 0)
        return -1;
    checkpoint_end(run);
    return 0;
}

/* After a signal. Does not return unless the checkpoint cannot be written. */
static int give_way(Run *run, Err *err)
{
    *err = (Err){0};
    /* a run that finds nothing left to do does not validate */
    bool complete = training_steps(run->training) == run->feed.batches;
    if ((complete && validate_last(run, err) != 0) || checkpoint_write(run, err) != 0)
        return -1;
    cli_note("interrupted after step %" PRId64 ", saved in %s: the same command resumes",
             training_steps(run->training), run->options->checkpoint);
    job_leave(run);
    interrupt_end(run->signal);
    return -1;
}

/* What a signal will do, as far as there is anything to train. */
static void expect_signals(Run *run)
{
    const Options *options = run->options;
    run->kept = options->checkpoint != NULL && options->resume == options->checkpoint ? run->resumed
                                                                                      : NOT_KEPT;
    if (options->checkpoint != NULL)
        interrupt_watch();
    else if (options->pack == NULL || options->batching.order.epochs > 0)
        cli_note("without --checkpoint, an interrupted run is lost");
}

/* Everything up to the first step. */
static int begin(Run *run, int *rc, Err *err)
{
    Options *options = run->options;
    run->pool = pool_new((int)options->threads, err);
    run->kernels = cli_kernels(options->kernels, err);
    if (run->pool == NULL || run->kernels == NULL ||
        cli_set_precision(run->kernels, (Precision)options->precision, options->precision_required,
                          err) != 0 ||
        feed_open(&run->feed, options, run->resumed, err) != 0)
        return -1;
    *rc = feed_next(&run->feed, err);
    if (*rc < 0 || complete_config(run, *rc, err) != 0 || teach_open(run, err) != 0 ||
        tell_recipe(run, err) != 0 || job_check(run, err) != 0)
        return -1;
    while (*rc == 1 && run->feed.batch < run->resumed) /* a pipe brings them again */
        *rc = feed_next(&run->feed, err);
    if (*rc < 0)
        return -1;
    introduce(options, run->kernels);
    tell_kernels(run);
    if (*rc == 1)
        tell_pairs(run);
    size_t held = teach_bytes(run) + (run->saved != NULL ? saved_bytes(run->saved) : 0);
    if (memory_plan(options, run->kernels, held, err) != 0)
        return -1;
    return make_training(run, err);
}

int run_all(Run *run, Err *err)
{
    Options *options = run->options;
    int rc = 0;
    if (begin(run, &rc, err) != 0)
        return -1;
    if (rc == 0 && run->recipe.text != NULL)
        return finish_again(run, err);
    if (report_open(&run->report, options->log, run->resumed, options->training.head.info, err) !=
        0)
        return -1;
    run->report.distils = options->teacher != NULL;
    run->report.epochs = options->pack != NULL ? options->batching.order.epochs : 0;
    int64_t left = run->feed.batches - run->resumed;
    run->progress = progress_begin("steps", left > 0 ? left : 0);
    expect_signals(run);
    rc = validate_begin(run, err) == 0 && diverge_begin(run, err) == 0 ? train(run, rc, err) : -1;
    progress_end();
    if (rc == INTERRUPTED)
        rc = give_way(run, err);
    else if (rc == 0)
        rc = finish(run, err);
    if (rc == 0 && options->profile && job_first(run))
        training_write_profile(stderr, run->training);
    return rc;
}

void run_release(Run *run)
{
    report_close(&run->report);
    validate_end(run);
    training_free(run->training);
    graph_free(run->net);
    if (run->saved != NULL)
        saved_release(run->saved);
    feed_close(&run->feed);
    teach_close(run);
    kernels_free(run->kernels);
    pool_free(run->pool);
    recipe_release(&run->recipe);
    free(run->label);
}
