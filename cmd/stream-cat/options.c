#include "options.h"

#include <string.h>

#include "base/out.h"

static const CliRule rules[] = {
    {CLI_NEEDS, "list labels", "from"},
    {CLI_NEEDS, "merge", "to=stream"},
    {CLI_NEEDS, "by", "keep drop"},
    {CLI_NEEDS, "seed", "split sample"},
    {CLI_NEEDS, "rest", "keep drop min-images split sample"},
    {CLI_EXCLUDES, "rest", "first"},
    {CLI_NEEDS, "image quality", "to=wds to=folder to=tar to=rec to=bin"},
    {CLI_NEEDS, "shard-rows shard-bytes", "to=wds"},
    {CLI_NEEDS, "pairs", "to=bin"},
    {CLI_NEEDS, "algorithm", "to=megaface"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {
    .name = "stream-cat",
    .rules = rules,
    .operands = "[FILE ...]",
    .summary = "Joins, cuts, merges and converts tensor streams.",
};

/* The values that the table below is bound to, with their defaults. */
static Options options = {
    .output = "-",
    .first = -1,
    .pick = {.sample = -1},
    .sink = {.shard_rows = 100000, .shard_bytes = 3000000000, .algorithm = "npcface"},
};
static int by, png;
static int64_t quality = 95, seed = 1;

static CliOption table[] = {
    CLI_WAS(0, "head", "first"),
    CLI_INT('n', "first", "N", &options.first, 0, INT64_MAX, "only the first N rows"),
    CLI_WAS('s', "", "select"),
    CLI_TEXT(0, "select", "NAME,...", &options.select, "only these columns (tensors)"),
    CLI_WAS('m', "", "merge"),
    CLI_FLAG(0, "merge", &options.merge,
             "put all rows into one frame: an ordinary safetensors file"),
    CLI_FILE(0, "keep", "LIST", &options.pick.keep, "only the rows of a list"),
    CLI_FILE(0, "drop", "LIST", &options.pick.drop, "all but the rows of a list"),
    CLI_CHOICE(0, "by", "any|key|label|name", &by, "what the names of the lists are"),
    CLI_INT(0, "min-images", "K", &options.pick.min_images, 1, INT64_MAX,
            "only identities of at least K rows"),
    CLI_REAL(0, "split", "SHARE", &options.pick.split, 0, 1, "only this share of the identities"),
    CLI_INT(0, "sample", "N", &options.pick.sample, 0, INT64_MAX, "only N rows, drawn at random"),
    CLI_FLAG(0, "relabel", &options.pick.relabel, "number the identities from 0"),
    CLI_OUT(0, "rest", "FILE", &options.rest, "write the other rows to FILE"),
    CLI_INT(0, "seed", "N", &seed, 0, INT64_MAX, "seed for what is random"),
    CLI_CHOICE('f', "from", "stream|npy|npz|megaface|magface|wds", &options.from,
               "format of the input"),
    CLI_WAS('l', "", "list"),
    CLI_FILE(0, "list", "FILE", &options.list, "keys and labels of its rows, one row per line"),
    CLI_FILE(0, "labels", "FILE", &options.labels, "labels of its rows: text, CSV or TSV"),
    CLI_CHOICE('t', "to", "stream|wds|folder|tar|npy|npz|megaface|magface|rec|bin", &options.to,
               "format of the output"),
    CLI_CHOICE(0, "image", "jpeg|png", &png, "image format for pixels"),
    CLI_INT(0, "quality", "N", &quality, 1, 100, "JPEG quality"),
    CLI_INT(0, "shard-rows", "N", &options.sink.shard_rows, 1, INT64_MAX,
            "at most N samples in a shard"),
    CLI_SIZE(0, "shard-bytes", "SIZE", &options.sink.shard_bytes,
             "size at which a shard ends, in bytes [3e9]"),
    CLI_FILE(0, "pairs", "FILE", &options.sink.pairs, "the pairs of a verification set"),
    CLI_TEXT(0, "algorithm", "NAME", &options.sink.algorithm,
             "MegaFace: name of the algorithm in file names"),
    CLI_PATH('o', "output", "FILE", &options.output, "write to FILE"),
    CLI_END,
};
/* Is the output to be of one of these formats? */
static bool writes(unsigned formats)
{
    return options.to != 0 && (1u << (options.to - 1) & formats) != 0;
}

static void check_output(void)
{
    const unsigned wds = 1u << SINK_WDS, tar = 1u << SINK_TAR, bin = 1u << SINK_BIN,
                   text = 1u << SINK_MAGFACE;
    if (options.to == 0)
        cli_check_output(options.output);
    if (strcmp(options.output, "-") != 0 || options.to == 0)
        return;
    if (!writes(wds | tar | bin | text))
        cli_misuse("this format is not a stream: name it with -o");
    if (!writes(text) && out_is_terminal(options.output))
        cli_misuse("will not write binary data to a terminal: use -o FILE or a pipe");
}

const Options *cat_options(int argc, char **argv)
{
    int first = cli_start(&cli, table, argc, argv);
    options.operand = argv + first;
    options.operands = argc - first;
    options.pick.by = (PickBy)by;
    options.pick.seed = (uint64_t)seed;
    options.sink.path = options.output;
    options.sink.png = png != 0;
    options.sink.quality = (int)quality;
    check_output();
    return &options;
}
