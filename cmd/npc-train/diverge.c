#include "diverge.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint.h"
#include "tune.h"
#include "validate.h"

static bool rewinds(const Run *run)
{
    return run->options->on_divergence == DIVERGENCE_REWIND;
}

double diverge_rate(const Run *run)
{
    return pow(0.5, (double)run->rewinds);
}

/* "120:100,240:200": from which steps it went back to which. */
static void note_rewind(Run *run, int64_t from, int64_t to)
{
    size_t used = strlen(run->rewound);
    snprintf(run->rewound + used, sizeof run->rewound - used, "%s%" PRId64 ":%" PRId64,
             used > 0 ? "," : "", from, to);
    run->rewinds++;
    run->went_back = true;
}

static void take_rewinds(Run *run)
{
    if (!recipe_value(&run->recipe, "rewound", run->rewound))
        return;
    run->rewinds = 1;
    for (const char *c = run->rewound; *c != '\0'; c++)
        run->rewinds += *c == ',';
}

void diverge_watch(Run *run)
{
    if (rewinds(run))
        training_watch(run->training);
}

int diverge_begin(Run *run, Err *err)
{
    take_rewinds(run);
    run->report.rewinds = run->rewinds;
    if (!rewinds(run))
        return 0;
    diverge_watch(run);
    return checkpoint_begin(run, err);
}

/* The training anew, as it was after an earlier step. */
static int restore(Run *run, const char *path, Err *err)
{
    Options *options = run->options;
    SavedTraining saved;
    training_free(run->training);
    run->training = NULL;
    if (saved_open(&saved, path, err) != 0)
        return -1;
    options->training.net = saved.config.net;
    run->training = training_new(&options->training, run->pool, run->kernels, err);
    int rc = run->training != NULL ? saved_restore(&saved, run->training, err) : -1;
    run->resumed = saved.steps;
    options->training.net = NULL;
    saved_release(&saved);
    if (rc == 0)
        rc = tune_rates(run, err);
    if (rc == 0)
        training_watch(run->training);
    return rc == 0 && options->profile ? training_profile(run->training, err) : rc;
}

static int restart_feed(Run *run, Err *err)
{
    double waited = run->feed.waited;
    int64_t identities = run->feed.identities;
    feed_close(&run->feed);
    if (feed_open(&run->feed, run->options, run->resumed, err) != 0)
        return -1;
    run->feed.waited = waited;
    run->feed.identities = identities;
    return 0;
}

static int go_back(Run *run, int64_t from, Err *err)
{
    char *path = checkpoint_rewind_name(run, err);
    int rc = path != NULL ? restore(run, path, err) : -1;
    free(path);
    if (rc != 0 || restart_feed(run, err) != 0)
        return -1;
    note_rewind(run, from, run->resumed);
    run->kept = NOT_KEPT;
    if (validate_back(run, err) != 0)
        return -1;
    return report_back(&run->report, run->resumed, run->rewinds, &run->feed, err);
}

int diverge(Run *run, const char *why, Err *err)
{
    int64_t from = run->feed.batch + 1;
    if (!rewinds(run))
        return err_set(err, "%s", why);
    if (run->rewinds >= MOST_REWINDS)
        return err_set(err, "%s; it went back %d times already", why, MOST_REWINDS);
    if (go_back(run, from, err) != 0)
        return -1;
    cli_warn("%s", why);
    cli_warn("goes back to step %" PRId64 " with half the rate (%d of %d times)", run->resumed,
             run->rewinds, MOST_REWINDS);
    return 0;
}
