#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/batching.h"
#include "job.h"
#include "model/net.h"

/* The choices of --pixels */
static const Pixels pixel_choices[] = {
    PIXELS_ALIKE(127.5, 1 / 128.0, true),
    PIXELS_ALIKE(127.5, 1 / 127.5, false),
};

static void take_head(HeadOptions *head, const Asked *asked)
{
    Err err = {0};
    int rc = head_options_init(head, asked->head, &err);
    if (rc == 0 && asked->preset != NULL)
        rc = head_options_preset(head, asked->preset, &err);
    for (int i = 0; rc == 0 && i < asked->head_options.n; i++)
        rc = head_options_parse(head, asked->head_options.item[i], &err);
    if (rc != 0)
        cli_misused(&err);
}

/* The net to start from (--init). */
static Graph *open_net(const char *path, Err *err)
{
    const ImportOptions as_it_says = {0};
    Graph *graph = net_read(path, &as_it_says, err);
    if (graph == NULL || graph_height(graph) == graph_width(graph))
        return graph;
    err_set(err, "%s: it takes images of %dx%d pixels; only square ones are trained on", path,
            graph_height(graph), graph_width(graph));
    graph_free(graph);
    return NULL;
}

static void take_net(TrainingConfig *config, const Graph *net)
{
    snprintf(config->arch, sizeof config->arch, "%s", graph_arch(net));
    config->embedding = graph_dim(net);
    config->size = graph_height(net);
    config->pixels = *graph_pixels(net);
    config->net = net;
}

/* Opens the model to resume from, and sets the options that were not given to its recipe's. */
static int open_saved(Run *run, SavedTraining *saved, Err *err)
{
    const Options *options = run->options;
    char averaged[RECIPE_VALUE];
    Err inner = {0};
    if (saved_open(saved, options->resume, err) != 0)
        return -1;
    run->saved = saved;
    run->resumed = saved->steps;
    if (recipe_take(&run->recipe, saved->recipe, saved->by, err) != 0)
        return -1;
    if (recipe_value(&run->recipe, "averaged", averaged))
        return err_set(err,
                       "cannot resume from %s: it has averaged weights only; use the checkpoint of "
                       "its run, or --init",
                       options->resume);
    if (recipe_apply(&run->recipe, options->cli, options->pack != NULL, &inner) != 0)
        return err_set(err, "cannot resume from %s: %s", options->resume, inner.text);
    return 0;
}

/* What is already known of the configuration: from a model to resume, or a net to start from. */
static int open_models(Run *run, SavedTraining *saved, TrainingConfig *known, Err *err)
{
    Options *options = run->options;
    bool begun = options->checkpoint != NULL && access(options->checkpoint, F_OK) == 0;
    if (job_agree(run, begun))
        options->resume = options->checkpoint;
    if (options->resume != NULL) {
        if (open_saved(run, saved, err) != 0)
            return -1;
        *known = saved->config;
    } else if (options->init != NULL) {
        run->net = open_net(options->init, err);
        if (run->net == NULL)
            return -1;
        take_net(known, run->net);
    }
    return 0;
}

/* The options that a recipe may have set, in the forms that the library takes. */
static void take_recipe(Run *run)
{
    Err err = {0};
    Options *options = run->options;
    const Asked *asked = &options->asked;
    TrainingConfig *config = &options->training;
    recipe_total(&run->recipe, cli_given("total"), &options->schedule.total);
    if (schedule_parse_milestones(&options->schedule, asked->milestones, &err) != 0)
        cli_misused(&err);
    options->schedule.kind = (ScheduleKind)asked->schedule;
    options->descent.spare = (Spare)asked->spare;
    options->descent.optimiser.kind = config->optimiser = (OptimiserKind)asked->optimizer;
    options->batching.threads = (int)options->threads;
    config->seed = options->batching.order.seed = (uint64_t)asked->seed;
    config->accumulate = (int)asked->accumulate;
    config->slices = (int)asked->slices;
    config->norm_group = (int)asked->norm_group;
    config->rough = options->batching.order.rough = run->recipe.early;
    char order[RECIPE_VALUE];
    if (recipe_value(&run->recipe, "order", order) && strcmp(order, "1") == 0)
        config->rough = options->batching.order.rough = true;
    batching_finish(&options->batching, asked->in_order);
}

/* Options that the other optimizer has. Not a rule between options: the optimizer may be that of a
 * model. */
static void check_optimiser(OptimiserKind kind)
{
    static const char *const of_sgd[] = {"momentum", "nesterov", NULL};
    static const char *const of_adamw[] = {"beta1", "beta2", "epsilon", NULL};
    const char *const *others = kind == OPTIMISER_SGD ? of_adamw : of_sgd;
    for (; *others != NULL; others++)
        if (cli_given(*others))
            cli_misuse("--%s: --optimizer %s has none", *others, optimiser_name(kind));
}

static void check_head(const TrainingConfig *config)
{
    const HeadInfo *head = config->head.info;
    if (config->margin_warmup > 0 && !head_has_margin(head))
        cli_misuse("--margin-warmup: head %s has no margin", head->name);
    if (config->label_smoothing > 0 && !head_traits(head).softmax)
        cli_misuse("--label-smoothing: head %s has no softmax", head->name);
}

int config_take(Run *run, SavedTraining *saved, Err *err)
{
    Options *options = run->options;
    const Asked *asked = &options->asked;
    TrainingConfig *config = &options->training, known = {0};
    if (open_models(run, saved, &known, err) != 0)
        return -1;
    bool fresh = run->saved == NULL, net = !fresh || run->net != NULL;
    config->size = known.size;
    config->net = known.net;
    snprintf(config->arch, sizeof config->arch, "%s",
             !net || cli_given("arch") ? asked->arch : known.arch);
    config->embedding = !net || cli_given("embedding") ? (int)asked->embedding : known.embedding;
    config->identities = cli_given("identities") ? asked->identities : known.identities;
    config->sample_rate =
        fresh || cli_given("sample-rate") ? asked->sample_rate : known.sample_rate;
    config->pixels = !net || cli_given("pixels") ? pixel_choices[asked->pixels] : known.pixels;
    if (!fresh && !cli_given("head") && !cli_given("preset") && !cli_given("head-option"))
        config->head = known.head;
    else
        take_head(&config->head, asked);
    take_recipe(run);
    check_optimiser(config->optimiser);
    check_head(config);
    return fresh ? 0 : saved_check(saved, config, err);
}
