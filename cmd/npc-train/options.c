#include "options.h"

#include <string.h>

#include "base/out.h"
#include "cli/batching.h"
#include "nn/trainer_internal.h"

static const CliRule rules[] = {
    /* the batches of a stream are made already */
    {CLI_NEEDS,
     "batch epochs no-shuffle buffer drop-last flip crop low-res photometric per-identity",
     "input"},
    {CLI_NEEDS, "keep-last", "checkpoint"},
    {CLI_NEEDS, "require-precision", "precision"},
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

/* The values that the table below is bound to, with their defaults. */
static Options options = {
    .cli = &cli,
    .asked = {.arch = "mobilefacenet",
              .head = "npcface",
              .milestones = "",
              .embedding = 512,
              .seed = 1,
              .accumulate = 1,
              .slices = TRAINER_SLICES,
              .sample_rate = 1},
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
    .stall = 300,
};
static const char *far_list = "1e-3,1e-4,1e-5";
static double far[VALIDATION_FARS];
static bool spare_norms;

static CliOption table[] = {
    CLI_PATH('i', "input", "PACK", &options.pack, "make batches from a pack of faces"),
    CLI_TEXT('a', "arch", "NAME", &options.asked.arch, "the net"),
    CLI_INT(0, "embedding", "D", &options.asked.embedding, 1, 65536, "dimensions of an embedding"),
    CLI_CHOICE(0, "pixels", "bgr128|rgb127.5", &options.asked.pixels, "how pixels are normalised"),
    CLI_TEXT(0, "head", "NAME", &options.asked.head, "the loss"),
    CLI_TEXT(0, "preset", "NAME", &options.asked.preset, "a named set of the loss's constants"),
    CLI_LIST(0, "head-option", "KEY=VALUE", &options.asked.head_options, "a constant of the loss"),
    CLI_INT(0, "identities", "N", &options.asked.identities, 2, INT32_MAX, "number of identities"),
    CLI_REAL(0, "sample-rate", "R", &options.asked.sample_rate, 0, 1,
             "fraction of identities compared with in a step"),
    CLI_REAL(0, "lr", "RATE", &options.schedule.lr, 0, 1e6, "learning rate"),
    CLI_CHOICE(0, "optimizer", "sgd|adamw", &options.asked.optimizer,
               "how parameters follow gradients"),
    CLI_REAL(0, "momentum", "M", &options.descent.optimiser.momentum, 0, 1, "momentum of SGD"),
    CLI_FLAG(0, "nesterov", &options.descent.optimiser.nesterov, "Nesterov's momentum"),
    CLI_REAL(0, "beta1", "X", &options.descent.optimiser.beta1, 0, 0.9999999, "momentum of AdamW"),
    CLI_REAL(0, "beta2", "X", &options.descent.optimiser.beta2, 0, 0.9999999,
             "the same of its squares"),
    CLI_REAL(0, "epsilon", "X", &options.descent.optimiser.epsilon, 1e-30, 1,
             "added to the root of these"),
    CLI_REAL(0, "weight-decay", "W", &options.descent.optimiser.weight_decay, 0, 1, "weight decay"),
    CLI_CHOICE(0, "spare", "none|batch-norm|norms", &options.asked.spare,
               "parameters exempt from weight decay"),
    CLI_FLAG(0, "spare-norms", &spare_norms, "the same as --spare norms: batch norm and PReLU"),
    CLI_CHOICE(0, "schedule", "steps|polynomial|cosine", &options.asked.schedule,
               "how the learning rate falls"),
    CLI_TEXT(0, "milestones", "LIST", &options.asked.milestones, "epochs after which it drops"),
    CLI_REAL(0, "gamma", "G", &options.schedule.gamma, 0, 1, "factor at each milestone"),
    CLI_REAL(0, "power", "P", &options.schedule.power, 0, 10, "power of the polynomial"),
    CLI_INT(0, "warmup", "N", &options.schedule.warmup, 0, INT32_MAX, "steps of linear warm-up"),
    CLI_INT(0, "margin-warmup", "N", &options.training.margin_warmup, 0, INT32_MAX,
            "steps in which the margin grows from none"),
    CLI_INT(0, "total", "N", &options.schedule.total, 1, INT64_MAX, "total number of steps"),
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
    CLI_REAL(0, "dropout", "P", &options.training.dropout, 0, 1, "dropout rate of the ResNet-irs"),
    CLI_INT(0, "accumulate", "N", &options.asked.accumulate, 1, 1 << 20,
            "compute each batch in N parts"),
    CLI_INT(0, "slices", "N", &options.asked.slices, 1, TRAINER_SLICES_MAX,
            "add sums over a batch as a tree of N parts"),
    CLI_INT(0, "norm-group", "N", &options.asked.norm_group, 1, 1 << 20,
            "batch norm's statistics are those of N images"),
    CLI_INT('s', "seed", "S", &options.asked.seed, 0, INT64_MAX, "seed for everything random"),
    BATCHING_OPTIONS(options.batching, options.asked.in_order),
    CLI_PATH(0, "resume", "MODEL", &options.resume, "resume from a model"),
    CLI_FLAG(0, "changed", &options.changed, "resume even if data, seed or batch size differ"),
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
    CLI_PATH(0, "validate", "FACES", &options.validation.faces, "measure the net on these faces"),
    CLI_PATH(0, "validate-pairs", "LIST", &options.validation.pairs,
             "the pairs of them to compare; by default all"),
    CLI_LOCAL(0, "validate-every", "N", &options.validate_every, 1, INT64_MAX,
              "steps between validations; by default as --every"),
    CLI_PATH(0, "validate-far", "LIST", &far_list, "false accept rates"),
    CLI_PATH(0, "keep-best", "MEASURE", &options.keep_best,
             "keep the best model by accuracy or tar@FAR"),
    CLI_OUT(0, "best", "FILE", &options.best, "where; by default the output's name and .best"),
    CLI_OUT(0, "log", "FILE", &options.log, "write a log to FILE, as TSV"),
    CLI_LOCAL(0, "log-every", "N", &options.log_every, 1, INT64_MAX, "steps between its lines"),
    CLI_SIZE(0, "max-memory", "SIZE", &options.max_memory, "the most memory to use"),
    CLI_LOCAL(0, "stall", "SECONDS", &options.stall, 1, INT32_MAX,
              "end several processes that do not go on for so long"),
    CLI_LOCAL_FLAG(0, "profile", &options.profile, "print the time spent in each layer"),
    CLI_CHOICE(0, "precision", "float|bf16", &options.precision, "what products are computed from"),
    CLI_LOCAL_FLAG(0, "require-precision", &options.precision_required,
                   "fail where it is not to be had, rather than compute in float"),
    CLI_KERNELS(&options.kernels),
    CLI_THREADS(&options.threads),
    CLI_OUTPUT(&options.output),
    CLI_END,
};
/* AdamW's defaults are PyTorch's: its steps are of another size than SGD's. */
static void set_defaults(void)
{
    if (options.asked.optimizer != OPTIMISER_ADAMW)
        return;
    if (!cli_given("lr"))
        options.schedule.lr = 1e-3;
    if (!cli_given("weight-decay"))
        options.descent.optimiser.weight_decay = 1e-2;
}

static void check_spare(void)
{
    if (!spare_norms)
        return;
    if (cli_given("spare") && options.asked.spare != SPARE_NORMS)
        cli_misuse("--spare-norms and --spare cannot be combined");
    options.asked.spare = SPARE_NORMS;
}

static void check_slices(void)
{
    if ((options.asked.slices & (options.asked.slices - 1)) != 0)
        cli_misuse("--slices must be a power of two");
}

static void check_outputs(void)
{
    bool to_stdout = strcmp(options.output, "-") == 0;
    if (options.log != NULL && strcmp(options.log, "-") == 0 && to_stdout)
        cli_misuse("the log and the model cannot both go to standard output");
    if (out_is_terminal(options.output))
        cli_misuse("will not write a model to a terminal: use -o FILE");
}

Options *train_options(int argc, char **argv)
{
    int first = cli_start(&cli, table, argc, argv), operands = argc - first;
    if (operands > 1 || (operands == 1 && options.pack != NULL))
        cli_misuse("more than one input");
    if (options.pack == NULL)
        options.batches = operands == 1 ? argv[first] : "-";
    options.validation.fars = cli_numbers(far, VALIDATION_FARS, "validate-far", far_list, 1e-18, 1,
                                          false, "a number above 0, up to 1");
    options.validation.far = far;
    if (options.asked.sample_rate <= 0)
        cli_misuse("--sample-rate must be more than 0");
    set_defaults();
    check_spare();
    check_slices();
    check_outputs();
    return &options;
}
