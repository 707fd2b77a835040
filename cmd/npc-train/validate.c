#include "validate.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num_internal.h"
#include "job.h"
#include "save.h"

enum { NO_MEASURE = -2, TEXT = 1024 };

/* "accuracy", or "tar@FAR" with one of --validate-far. */
static int measure_of(const Options *options)
{
    const ValidationAsk *ask = &options->validation;
    const char *name = options->keep_best;
    double far;
    if (strcmp(name, "accuracy") == 0)
        return BEST_BY_ACCURACY;
    if (strncmp(name, "tar@", 4) == 0 && num_double(name + 4, 0, 1, &far))
        for (int i = 0; i < ask->fars; i++)
            if (ask->far[i] == far)
                return i;
    return NO_MEASURE;
}

void validate_check(const Options *options)
{
    const char *faces = options->validation.faces;
    if (faces != NULL && strcmp(faces, "-") == 0)
        cli_misuse("--validate reads its faces again and again: standard input will not do");
    if (options->keep_best == NULL)
        return;
    int measure = measure_of(options);
    if (measure == NO_MEASURE)
        cli_misuse("--keep-best '%s' is neither accuracy nor tar@FAR with a FAR of --validate-far",
                   options->keep_best);
    if (measure == BEST_BY_ACCURACY && options->validation.pairs == NULL)
        cli_misuse("--keep-best accuracy needs --validate-pairs");
    if (options->best == NULL && strcmp(options->output, "-") == 0)
        cli_misuse("--keep-best needs a name: --best FILE, or -o FILE for FILE.best");
}

/* The beginning of a path and something behind it, in new memory. */
static char *joined(const char *path, size_t length, const char *end, Err *err)
{
    size_t size = length + strlen(end) + 1;
    char *name = malloc(size);
    if (name != NULL)
        snprintf(name, size, "%.*s%s", (int)length, path, end);
    else
        err_memory(err, "a name", size);
    return name;
}

static void write_heading(char heading[VALIDATING_HEADING], const ValidationAsk *ask)
{
    size_t used = (size_t)snprintf(heading, VALIDATING_HEADING, "step\tepoch");
    for (int i = 0; i < ask->fars; i++)
        used +=
            (size_t)snprintf(heading + used, VALIDATING_HEADING - used, "\ttar@%g", ask->far[i]);
    snprintf(heading + used, VALIDATING_HEADING - used, "\taccuracy\tspread\n");
}

/* Beside the log of the steps: run.tsv has run.validation.tsv. */
static int open_log(Run *run, Err *err)
{
    const char *log = run->options->log;
    Validating *v = &run->validating;
    if (log == NULL || log_is_stream(log))
        return 0;
    size_t length = strlen(log);
    if (length > 4 && strcmp(log + length - 4, ".tsv") == 0)
        length -= 4;
    char *path = joined(log, length, ".validation.tsv", err);
    int rc = path != NULL ? log_open(&v->log, path, v->heading, run->resumed, err) : -1;
    free(path);
    return rc;
}

/* What the best model of an earlier run says, unless it is of a later step than this begins with.
 */
static void take_best(Run *run)
{
    Validating *v = &run->validating;
    Err ignored = {0};
    SavedTraining saved;
    Recipe recipe = {0};
    char was[RECIPE_VALUE];
    size_t length = strlen(run->options->keep_best);
    if (run->resumed == 0 || access(v->best, R_OK) != 0 ||
        saved_open(&saved, v->best, &ignored) != 0)
        return;
    if (saved.steps <= run->resumed && recipe_take(&recipe, saved.recipe, "", &ignored) == 0 &&
        recipe_value(&recipe, "validated", was) &&
        strncmp(was, run->options->keep_best, length) == 0 && was[length] == ':' &&
        !num_double(was + length + 1, 0, 1, &v->value))
        v->value = -INFINITY;
    recipe_release(&recipe);
    saved_release(&saved);
}

static int begin_best(Run *run, Err *err)
{
    const Options *options = run->options;
    Validating *v = &run->validating;
    v->value = -INFINITY;
    if (options->keep_best == NULL)
        return 0;
    v->measure = measure_of(options);
    const char *path = options->best != NULL ? options->best : options->output;
    v->best = joined(path, strlen(path), options->best != NULL ? "" : ".best", err);
    if (v->best == NULL)
        return -1;
    if (job_first(run))
        take_best(run);
    comm_share(run->comm, &v->value, sizeof v->value);
    return 0;
}

static int keep_best(Run *run, const ValidationResult *result, bool *best, Err *err)
{
    Validating *v = &run->validating;
    char text[RECIPE_VALUE], number[NUM_TEXT];
    double value = v->measure == BEST_BY_ACCURACY ? result->accuracy : result->tar[v->measure];
    if (isnan(value))
        return err_set(err,
                       "%s: %s cannot be measured with %" PRId64 " genuine pairs and %" PRId64
                       " impostors",
                       run->options->validation.faces, run->options->keep_best, result->genuine,
                       result->impostor);
    *best = value > v->value;
    if (!*best)
        return 0;
    v->value = value;
    snprintf(text, sizeof text, "%s:%s", run->options->keep_best, num_text(number, value));
    return save_validated(run, v->best, text, err);
}

static int write_line(Run *run, const ValidationResult *result, Err *err)
{
    TrainLog *log = &run->validating.log;
    if (log->f == NULL)
        return 0;
    fprintf(log->f, "%" PRId64 "\t%" PRId64, training_steps(run->training), run->feed.epoch);
    for (int i = 0; i < run->options->validation.fars; i++)
        log_number(log, "%.6f", result->tar[i]);
    log_number(log, "%.6f", result->accuracy);
    log_number(log, "%.6f", result->spread);
    return log_end_line(log, err);
}

static void tell(const Run *run, const ValidationResult *result, bool best)
{
    const ValidationAsk *ask = &run->options->validation;
    char text[TEXT] = "";
    size_t used = 0;
    for (int i = 0; i < ask->fars; i++)
        if (!isnan(result->tar[i]))
            used += (size_t)snprintf(text + used, TEXT - used, "%star@%g %.4f",
                                     used > 0 ? ", " : "", ask->far[i], result->tar[i]);
    if (!isnan(result->accuracy))
        snprintf(text + used, TEXT - used, "%saccuracy %.4f+-%.4f", used > 0 ? ", " : "",
                 result->accuracy, result->spread);
    cli_note("step %" PRId64 ": %s%s", training_steps(run->training),
             text[0] != '\0' ? text : "nothing can be measured", best ? "; best" : "");
}

/* The time it takes is none of the training's. */
static int validate(Run *run, Err *err)
{
    ValidationResult result;
    double begun = cli_clock();
    bool best = false;
    int64_t done = training_steps(run->training);
    job_stage("a validation", true);
    if (job_first(run) &&
        training_validate(&result, run->training, &run->options->validation, err) != 0)
        return -1;
    comm_share(run->comm, &result, sizeof result);
    if (run->validating.best != NULL && keep_best(run, &result, &best, err) != 0)
        return -1;
    tell(run, &result, best);
    run->validating.last = done;
    double seconds = cli_clock() - begun;
    run->report.begun += seconds;
    run->progress.begun += seconds;
    return write_line(run, &result, err);
}

int validate_begin(Run *run, Err *err)
{
    const Options *options = run->options;
    run->validating.last = -1;
    if (options->validation.faces == NULL)
        return 0;
    write_heading(run->validating.heading, &options->validation);
    if (open_log(run, err) != 0 || begin_best(run, err) != 0)
        return -1;
    return run->resumed == 0 ? validate(run, err) : 0;
}

int validate_step(Run *run, Err *err)
{
    const Options *options = run->options;
    int64_t every = options->validate_every > 0 ? options->validate_every : options->every;
    if (options->validation.faces == NULL || training_steps(run->training) % every != 0)
        return 0;
    return validate(run, err);
}

int validate_last(Run *run, Err *err)
{
    bool done = run->validating.last == training_steps(run->training);
    return run->options->validation.faces == NULL || done ? 0 : validate(run, err);
}

int validate_back(Run *run, Err *err)
{
    return log_back(&run->validating.log, run->resumed, err);
}

void validate_end(Run *run)
{
    Err ignored = {0}; /* every line was flushed and its errors reported */
    log_close(&run->validating.log, &ignored);
    free(run->validating.best);
    run->validating.best = NULL;
}
