/* npc-train: batches of faces in, a model out */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/out.h"
#include "batching.h"
#include "model/net.h"
#include "npc-train/run.h"
#include "npc-train/tune.h"
#include "npc-train/validate.h"

static const CliRule rules[] = {
    /* the batches of a stream are made already */
    {CLI_NEEDS,
     "batch epochs no-shuffle buffer drop-last flip crop low-res photometric per-identity",
     "input"},
    {CLI_NEEDS, "keep-last", "checkpoint"},
    {CLI_NEEDS, "validate-pairs validate-every validate-far keep-best", "validate"},
    {CLI_NEEDS, "best", "keep-best"},
    {CLI_NEEDS, "distil distil-weight", "teacher"},
    {CLI_NEEDS, "on-divergence=rewind", "input"},
    {CLI_NEEDS, "on-divergence=rewind", "checkpoint"},
    {CLI_NEEDS, "centres=mean", "input"},
    {CLI_EXCLUDES, "resume", "init"},
    {CLI_EXCLUDES, "per-identity", "no-shuffle"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "npc-train",
                  .operands = "[BATCHES]",
                  .rules = rules,
                  .summary = "Trains a net on batches of faces with a margin loss.",
                  .blas = true,
                  .nets = true};

/* The choices of --pixels */
static const Pixels pixel_choices[] = {
    PIXELS_ALIKE(127.5, 1 / 128.0, true),
    PIXELS_ALIKE(127.5, 1 / 127.5, false),
};

typedef struct Raw {
    const char *arch, *head, *preset, *milestones, *fars;
    double far[VALIDATION_FARS];
    CliList head_options;
    int pixels, schedule, spare, optimizer;
    int64_t embedding, identities, seed, accumulate;
    double sample_rate;
    bool in_order, spare_norms;
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

/* The net to start from. */
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

/* What is already known of the configuration: from a model to resume, or a net to start from. */
static int open_models(Run *run, SavedTraining *saved, TrainingConfig *known, Err *err)
{
    Options *options = run->options;
    Err inner = {0};
    if (options->checkpoint != NULL && access(options->checkpoint, F_OK) == 0)
        options->resume = options->checkpoint;
    if (options->resume != NULL) {
        if (saved_open(saved, options->resume, err) != 0)
            return -1;
        run->saved = saved;
        run->resumed = saved->steps;
        *known = saved->config;
        if (recipe_take(&run->recipe, saved->recipe, saved->by, err) != 0)
            return -1;
        char averaged[RECIPE_VALUE];
        if (recipe_value(&run->recipe, "averaged", averaged))
            return err_set(err,
                           "cannot resume from %s: it has averaged weights only; use the "
                           "checkpoint of its run, or --init",
                           options->resume);
        if (recipe_apply(&run->recipe, &cli, options->pack != NULL, &inner) != 0)
            return err_set(err, "cannot resume from %s: %s", options->resume, inner.text);
    } else if (options->init != NULL) {
        run->net = open_net(options->init, err);
        if (run->net == NULL)
            return -1;
        take_net(known, run->net);
    }
    return 0;
}

/* The options that stand in a recipe, now that all are known. */
static void take_recipe(Run *run, const Raw *raw)
{
    Err err = {0};
    Options *options = run->options;
    TrainingConfig *config = &options->training;
    recipe_total(&run->recipe, cli_given("total"), &options->schedule.total);
    if (schedule_parse_milestones(&options->schedule, raw->milestones, &err) != 0)
        cli_misuse("%s", err.text);
    options->schedule.kind = (ScheduleKind)raw->schedule;
    options->descent.spare = (Spare)raw->spare;
    options->descent.optimiser.kind = config->optimiser = (OptimiserKind)raw->optimizer;
    options->batching.threads = (int)options->threads;
    config->seed = options->batching.order.seed = (uint64_t)raw->seed;
    config->accumulate = (int)raw->accumulate;
    config->rough = options->batching.order.rough = run->recipe.early;
    char order[RECIPE_VALUE];
    if (recipe_value(&run->recipe, "order", order) && strcmp(order, "1") == 0)
        config->rough = options->batching.order.rough = true;
    batching_finish(&options->batching, raw->in_order);
}

/* What the optimizer, which may be that of a model, does not have. */
static void check_optimiser(OptimiserKind kind)
{
    static const char *const of_sgd[] = {"momentum", "nesterov", NULL}, *const of_adamw[] = {
                                                                            "beta1", "beta2",
                                                                            "epsilon", NULL};
    for (const char *const *option = kind == OPTIMISER_SGD ? of_adamw : of_sgd; *option != NULL;
         option++)
        if (cli_given(*option))
            cli_misuse("--%s: --optimizer %s has none", *option, optimiser_name(kind));
}

/* From the options; what was not given comes from the model, if there is one. */
static int take_config(Run *run, SavedTraining *saved, const Raw *raw, Err *err)
{
    Options *options = run->options;
    TrainingConfig *config = &options->training, known = {0};
    if (open_models(run, saved, &known, err) != 0)
        return -1;
    bool fresh = run->saved == NULL, net = !fresh || run->net != NULL;
    config->size = known.size;
    config->net = known.net;
    snprintf(config->arch, sizeof config->arch, "%s",
             !net || cli_given("arch") ? raw->arch : known.arch);
    config->embedding = !net || cli_given("embedding") ? (int)raw->embedding : known.embedding;
    config->identities = cli_given("identities") ? raw->identities : known.identities;
    config->sample_rate = fresh || cli_given("sample-rate") ? raw->sample_rate : known.sample_rate;
    config->pixels = !net || cli_given("pixels") ? pixel_choices[raw->pixels] : known.pixels;
    if (!fresh && !cli_given("head") && !cli_given("preset") && !cli_given("head-option"))
        config->head = known.head;
    else
        take_head(&config->head, raw);
    take_recipe(run, raw);
    check_optimiser(config->optimiser);
    if (config->margin_warmup > 0 && !head_has_margin(config->head.info))
        cli_misuse("--margin-warmup: head %s has no margin", config->head.info->name);
    if (config->label_smoothing > 0 && !head_traits(config->head.info).softmax)
        cli_misuse("--label-smoothing: head %s has no softmax", config->head.info->name);
    return fresh ? 0 : saved_check(saved, config, err);
}

/* PyTorch's for AdamW, whose steps are of another kind. */
static void take_defaults(Options *options, const Raw *raw)
{
    if (raw->optimizer != OPTIMISER_ADAMW)
        return;
    if (!cli_given("lr"))
        options->schedule.lr = 1e-3;
    if (!cli_given("weight-decay"))
        options->descent.optimiser.weight_decay = 1e-2;
}

static void check_options(Options *options, Raw *raw, int operands, char **operand)
{
    if (operands > 1 || (operands == 1 && options->pack != NULL))
        cli_misuse("more than one input");
    options->validation.fars = cli_numbers(raw->far, VALIDATION_FARS, "validate-far", raw->fars,
                                           1e-18, 1, false, "a number above 0, up to 1");
    options->validation.far = raw->far;
    validate_check(options);
    tune_check(options);
    options->batches = options->pack != NULL ? NULL : operands == 1 ? operand[0] : "-";
    take_defaults(options, raw);
    if (raw->sample_rate <= 0)
        cli_misuse("--sample-rate must be more than 0");
    if (raw->spare_norms && cli_given("spare") && raw->spare != SPARE_NORMS)
        cli_misuse("--spare-norms and --spare cannot be combined");
    if (raw->spare_norms)
        raw->spare = SPARE_NORMS;
    if (options->log != NULL && strcmp(options->log, "-") == 0 && strcmp(options->output, "-") == 0)
        cli_misuse("the log and the model cannot both go to standard output");
}

int main(int argc, char **argv)
{
    Raw raw = {.arch = "mobilefacenet",
               .head = "npcface",
               .milestones = "",
               .fars = "1e-3,1e-4,1e-5",
               .embedding = 512,
               .seed = 1,
               .accumulate = 1,
               .sample_rate = 1};
    Options options = {
        .cli = &cli,
        .training = {.dropout = 0.4},
        .descent = {.optimiser = {.lr = 0.1,
                                  .momentum = 0.9,
                                  .weight_decay = 1e-4,
                                  .beta1 = 0.9,
                                  .beta2 = 0.999,
                                  .epsilon = 1e-8}},
        .schedule = {.lr = 0.1, .gamma = 0.1, .power = 1},
        .batching = {.order = {.batch = 128, .epochs = 1}, .buffer = 4096},
        .distil_weight = 1,
        .output = "-",
        .every = 500,
        .log_every = 20,
    };
    Schedule *schedule = &options.schedule;
    Optimiser *optimiser = &options.descent.optimiser;
    Run run = {.options = &options};
    CliOption table[] = {
        CLI_PATH('i', "input", "PACK", &options.pack, "make batches from a pack of faces"),
        CLI_TEXT('a', "arch", "NAME", &raw.arch, "the net"),
        CLI_INT(0, "embedding", "D", &raw.embedding, 1, 65536, "dimensions of an embedding"),
        CLI_CHOICE(0, "pixels", "bgr128|rgb127.5", &raw.pixels, "how pixels are normalised"),
        CLI_TEXT(0, "head", "NAME", &raw.head, "the loss"),
        CLI_TEXT(0, "preset", "NAME", &raw.preset, "a named set of the loss's constants"),
        CLI_LIST(0, "head-option", "KEY=VALUE", &raw.head_options, "a constant of the loss"),
        CLI_INT(0, "identities", "N", &raw.identities, 2, INT32_MAX, "number of identities"),
        CLI_REAL(0, "sample-rate", "R", &raw.sample_rate, 0, 1,
                 "fraction of identities compared with in a step"),
        CLI_REAL(0, "lr", "RATE", &schedule->lr, 0, 1e6, "learning rate"),
        CLI_CHOICE(0, "optimizer", "sgd|adamw", &raw.optimizer, "how parameters follow gradients"),
        CLI_REAL(0, "momentum", "M", &optimiser->momentum, 0, 1, "momentum of SGD"),
        CLI_FLAG(0, "nesterov", &optimiser->nesterov, "Nesterov's momentum"),
        CLI_REAL(0, "beta1", "X", &optimiser->beta1, 0, 0.9999999, "momentum of AdamW"),
        CLI_REAL(0, "beta2", "X", &optimiser->beta2, 0, 0.9999999, "the same of its squares"),
        CLI_REAL(0, "epsilon", "X", &optimiser->epsilon, 1e-30, 1, "added to the root of these"),
        CLI_REAL(0, "weight-decay", "W", &optimiser->weight_decay, 0, 1, "weight decay"),
        CLI_CHOICE(0, "spare", "none|batch-norm|norms", &raw.spare,
                   "parameters exempt from weight decay"),
        CLI_FLAG(0, "spare-norms", &raw.spare_norms,
                 "the same as --spare norms: batch norm and PReLU"),
        CLI_CHOICE(0, "schedule", "steps|polynomial|cosine", &raw.schedule,
                   "how the learning rate falls"),
        CLI_TEXT(0, "milestones", "LIST", &raw.milestones, "epochs after which it drops"),
        CLI_REAL(0, "gamma", "G", &schedule->gamma, 0, 1, "factor at each milestone"),
        CLI_REAL(0, "power", "P", &schedule->power, 0, 10, "power of the polynomial"),
        CLI_INT(0, "warmup", "N", &schedule->warmup, 0, INT32_MAX, "steps of linear warm-up"),
        CLI_INT(0, "margin-warmup", "N", &options.training.margin_warmup, 0, INT32_MAX,
                "steps in which the margin grows from none"),
        CLI_INT(0, "total", "N", &schedule->total, 1, INT64_MAX, "total number of steps"),
        CLI_REAL(0, "clip", "NORM", &options.clip, 0, 1e9,
                 "clip the net's gradient to this norm; 0: never"),
        CLI_REAL(0, "ema", "DECAY", &options.training.ema, 0, 1,
                 "write an average of the weights over the steps"),
        CLI_REAL(0, "label-smoothing", "E", &options.training.label_smoothing, 0, 1,
                 "share of the target spread over all identities"),
        CLI_FILE(0, "teacher", "EMBEDDINGS", &options.teacher,
                 "draw embeddings to these of the same faces"),
        CLI_CHOICE(0, "distil", "cos|mse|rkd", &options.distil, "what of them is compared"),
        CLI_REAL(0, "distil-weight", "W", &options.distil_weight, 0, 1e6,
                 "weight of that beside the head's loss"),
        CLI_REAL(0, "dropout", "P", &options.training.dropout, 0, 1,
                 "dropout rate of the ResNet-irs"),
        CLI_INT(0, "accumulate", "N", &raw.accumulate, 1, 1 << 20, "compute each batch in N parts"),
        CLI_INT('s', "seed", "S", &raw.seed, 0, INT64_MAX, "seed for everything random"),
        BATCHING_OPTIONS(options.batching, raw.in_order),
        CLI_PATH(0, "resume", "MODEL", &options.resume, "resume from a model"),
        CLI_FLAG(0, "changed", &run.recipe.changed,
                 "resume even if data, seed or batch size differ"),
        CLI_FILE(0, "init", "MODEL", &options.init, "start with the net of a model"),
        CLI_CHOICE(0, "centres", "drawn|mean", &options.centres, "how the centres start"),
        CLI_LIST(0, "freeze", "PATTERN", &options.freeze, "parameters that stay what they are"),
        CLI_LIST(0, "lr-scale", "PATTERN=X", &options.lr_scale,
                 "factor of the learning rate of parameters"),
        CLI_FLAG(0, "freeze-norms", &options.training.freeze_norms,
                 "batch norm stays, and runs as in inference"),
        CLI_OUT(0, "checkpoint", "FILE", &options.checkpoint, "save to, and resume from, FILE"),
        CLI_LOCAL(0, "every", "N", &options.every, 1, INT64_MAX, "steps between checkpoints"),
        CLI_WAS(0, "keep", "keep-last"),
        CLI_LOCAL(0, "keep-last", "N", &options.keep, 1, INT32_MAX,
                  "keep the last N checkpoints as FILE.STEP"),
        CLI_CHOICE(0, "on-divergence", "stop|rewind", &options.on_divergence,
                   "what to do when the loss runs away"),
        CLI_PATH(0, "validate", "FACES", &options.validation.faces,
                 "measure the net on these faces"),
        CLI_PATH(0, "validate-pairs", "LIST", &options.validation.pairs,
                 "the pairs of them to compare; by default all"),
        CLI_LOCAL(0, "validate-every", "N", &options.validate_every, 1, INT64_MAX,
                  "steps between validations; by default as --every"),
        CLI_PATH(0, "validate-far", "LIST", &raw.fars, "false accept rates"),
        CLI_PATH(0, "keep-best", "MEASURE", &options.keep_best,
                 "keep the best model by accuracy or tar@FAR"),
        CLI_OUT(0, "best", "FILE", &options.best, "where; by default the output's name and .best"),
        CLI_OUT(0, "log", "FILE", &options.log, "write a log to FILE, as TSV"),
        CLI_LOCAL(0, "log-every", "N", &options.log_every, 1, INT64_MAX, "steps between its lines"),
        CLI_SIZE(0, "max-memory", "SIZE", &options.max_memory, "the most memory to use"),
        CLI_LOCAL_FLAG(0, "profile", &options.profile, "print the time spent in each layer"),
        CLI_KERNELS(&options.kernels),
        CLI_THREADS(&options.threads),
        CLI_OUTPUT(&options.output),
        CLI_END,
    };
    Err err = {0};
    int operand = cli_start(&cli, table, argc, argv);
    check_options(&options, &raw, argc - operand, argv + operand);
    if (out_is_terminal(options.output))
        cli_misuse("will not write a model to a terminal: use -o FILE");
    SavedTraining saved = {0};
    int rc = take_config(&run, &saved, &raw, &err);
    if (rc == 0)
        rc = run_all(&run, &err);
    run_release(&run);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
