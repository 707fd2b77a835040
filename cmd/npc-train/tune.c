#include "tune.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num_internal.h"

/* They stand in the recipe with commas between. */
static void check_list(const CliList *list, const char *option)
{
    size_t length = 0;
    for (int i = 0; i < list->n; i++) {
        length += strlen(list->item[i]) + 1;
        if (list->item[i][strcspn(list->item[i], ", \t\n")] != '\0' || list->item[i][0] == '\0')
            cli_misuse("--%s '%s': no spaces or commas", option, list->item[i]);
    }
    if (length > RECIPE_VALUE - 1)
        cli_misuse("--%s: more than %d characters in all", option, RECIPE_VALUE - 2);
}

static bool split(const char *item, char pattern[RECIPE_VALUE], double *factor)
{
    const char *equals = strrchr(item, '=');
    if (equals == NULL || equals == item || !num_double(equals + 1, 0, 1e6, factor))
        return false;
    snprintf(pattern, RECIPE_VALUE, "%.*s", (int)(equals - item), item);
    return true;
}

void tune_check(const Options *options)
{
    char pattern[RECIPE_VALUE];
    double factor;
    check_list(&options->freeze, "freeze");
    check_list(&options->lr_scale, "lr-scale");
    for (int i = 0; i < options->lr_scale.n; i++)
        if (!split(options->lr_scale.item[i], pattern, &factor))
            cli_misuse("--lr-scale '%s' is not PATTERN=X with a number X from 0 to 1e6",
                       options->lr_scale.item[i]);
}

int tune_rates(Run *run, Err *err)
{
    const Options *options = run->options;
    char pattern[RECIPE_VALUE];
    double factor;
    for (int i = 0; i < options->freeze.n; i++)
        if (training_set_rate(run->training, options->freeze.item[i], 0, err) != 0)
            return -1;
    for (int i = 0; i < options->lr_scale.n; i++)
        if (!split(options->lr_scale.item[i], pattern, &factor) ||
            training_set_rate(run->training, pattern, factor, err) != 0)
            return -1;
    return 0;
}

int tune_centres(Run *run, Err *err)
{
    const Options *options = run->options;
    if (options->centres == CENTRES_DRAWN || run->recipe.text != NULL)
        return 0;
    return training_centre_means(run->training, options->pack, err);
}
