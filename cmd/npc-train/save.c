#include "save.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The recipe of this run, with what only the data say. */
bool save_recipe(const Run *run, char text[RECIPE_TEXT])
{
    const Options *o = run->options;
    char number[24], data[RECIPE_VALUE];
    bool whole = recipe_write(text, o->cli, o->pack != NULL);
    snprintf(number, sizeof number, "%d", o->training.batch);
    if (o->pack == NULL)
        whole = whole && recipe_add(text, "batch", number);
    snprintf(number, sizeof number, "%" PRId64, o->schedule.total);
    if (o->schedule.total > 0)
        whole = whole && recipe_add(text, "total", number) &&
                recipe_add(text, "total_from", run->total_given ? "option" : "batches");
    if (run->target != NULL)
        whole = whole && recipe_add(text, "teacher", run->teacher_print);
    if (run->rewinds > 0)
        whole = whole && recipe_add(text, "rewound", run->rewound);
    whole = whole && recipe_add(text, "order", o->training.rough ? "1" : "2");
    if (run->data[0] != '\0')
        return whole && recipe_add(text, "data", run->data);
    return whole && (!recipe_value(&run->recipe, "data", data) || recipe_add(text, "data", data));
}

/* The provenance: of the data and this run, or of a training that went before and this run, unless
 * that is the same command again. In new memory; NULL when there is none. */
static char *write_by(const Run *run)
{
    const char *own = run->options->cli->by, *was = run->recipe.by;
    const char *data = feed_by(&run->feed);
    if (was == NULL)
        return cli_by(data);
    const char *newline = strrchr(was, '\n'), *last = newline != NULL ? newline + 1 : was;
    if (!run->other_data)
        return strcmp(last, own) == 0 ? strdup(was) : cli_by(was);
    size_t size = strlen(was) + strlen(data) + 2;
    char *both = malloc(size), *by = NULL;
    if (both != NULL) {
        snprintf(both, size, "%s%s%s", was, was[0] != '\0' && data[0] != '\0' ? "\n" : "", data);
        by = cli_by(both);
    }
    free(both);
    return by;
}

static int save(const Run *run, const char *path, bool net, const char *by, const char *recipe,
                Err *err)
{
    return (net ? training_save_net : training_save)(run->training, path, by, recipe, err);
}

/* Before the first step of this run it is still the training that was read, to the byte. net: to be
 * used, not to go on from; `validated` is what it says besides, or NULL. */
static int write_model(const Run *run, const char *path, bool net, const char *validated, Err *err)
{
    char recipe[RECIPE_TEXT];
    bool averaged = net && run->options->training.ema > 0, whole;
    if (run->recipe.text != NULL && training_steps(run->training) == run->resumed &&
        !run->went_back) {
        if (!averaged && validated == NULL)
            return save(run, path, false, run->recipe.by, run->recipe.text, err);
        whole = snprintf(recipe, sizeof recipe, "%s", run->recipe.text) < RECIPE_TEXT;
    } else {
        whole = save_recipe(run, recipe);
    }
    whole = whole && (validated == NULL || recipe_add(recipe, "validated", validated)) &&
            (!averaged || recipe_add(recipe, "averaged", "1"));
    if (!whole)
        return err_set(err, "the recipe does not fit %d bytes", RECIPE_TEXT);
    char *by = write_by(run);
    if (by == NULL)
        return err_memory(err, "the provenance", 0);
    int rc = save(run, path, averaged, by, recipe, err);
    free(by);
    return rc;
}

int save_validated(const Run *run, const char *path, const char *validated, Err *err)
{
    return write_model(run, path, true, validated, err);
}

int save_output(const Run *run, Err *err)
{
    return write_model(run, run->options->output, true, NULL, err);
}

int save_model(const Run *run, const char *path, Err *err)
{
    return write_model(run, path, false, NULL, err);
}
