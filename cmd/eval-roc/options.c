#include "eval-roc/options.h"

#include <string.h>

#include "any-model.h"

#define GROUPS_AT 1e-4 /* NIST's reports on groups are at this FMR */

static const CliRule rules[] = {
    {CLI_GOES_WITH, "prove", "far threads"},
    {CLI_EXCLUDES, "tsv", "json"},
    {CLI_NEEDS, "fold skip-missing", "pairs"},
    {CLI_NEEDS, "hardest-at hardest-out", "hardest"},
    {CLI_NEEDS, "bootstrap versus", "convention=blufr convention=nearest convention=conservative"},
    {CLI_NEEDS, "threshold-out", "at"},
    {CLI_NEEDS, "at", "threshold-out groups"},
    {CLI_EXCLUDES, "groups", "hardest roc versus"},
    {CLI_NEEDS, "data", "threshold-out"},
    {CLI_NEEDS, "threshold-out groups",
     "convention=blufr convention=nearest convention=conservative convention=dropped"},
    {CLI_NEEDS, "seed", "bootstrap versus threshold-out groups"},
    {CLI_EXCLUDES, "fold", "bootstrap versus threshold-out groups"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "eval-roc",
                  .operands = "[EMBEDDINGS]",
                  .rules = rules,
                  .summary = "Measures how well embeddings tell people apart.",
                  .blas = true};

static void check(Options *o)
{
    if (o->versus != NULL && o->draws == 0)
        o->draws = DRAWS;
    if (o->groups != NULL && o->at == 0)
        o->at = GROUPS_AT;
    if (o->groups != NULL && strcmp(o->groups, "-") == 0 && strcmp(o->input, "-") == 0)
        cli_misuse("groups and embeddings cannot both come from standard input");
    if (o->versus != NULL && strcmp(o->versus, "-") == 0 && strcmp(o->input, "-") == 0)
        cli_misuse("the two streams cannot both be standard input");
}

void options_take(Options *o, int argc, char **argv)
{
    *o = (Options){.seed = 1, .hardest_out = "-"};
    const char *far = "1e-1,1e-2,1e-3,1e-4,1e-5,1e-6";
    CliOption table[] = {
        CLI_FILE('p', "pairs", "FILE", &o->pairs, "compare the pairs of this list, like LFW's"),
        ANY_MODEL_OPTION(o->any_model),
        CLI_FLAG(0, "skip-missing", &o->skip_missing, "leave out pairs whose images are missing"),
        CLI_INT(0, "fold", "K", &o->fold, 1, INT32_MAX, "evaluate fold K of the list only"),
        CLI_TEXT(0, "far", "LIST", &far, "false accept rates, separated by commas"),
        CLI_CHOICE(0, "convention", "blufr|nearest|conservative|dropped|histogram", &o->rule,
                   "how TAR is read off the curve"),
        CLI_FLAG(0, "tsv", &o->tsv, "print TSV, one figure per line"),
        CLI_FLAG(0, "json", &o->json, "print JSON"),
        CLI_INT(0, "bootstrap", "N", &o->draws, 10, 100000,
                "intervals from N resamples of identities"),
        CLI_FILE(0, "versus", "FILE", &o->versus, "measure the difference from these embeddings"),
        CLI_INT(0, "seed", "N", &o->seed, 0, INT64_MAX, "seed for the resamples"),
        CLI_OUT(0, "roc", "FILE", &o->roc, "write the ROC curve to FILE, as TSV"),
        CLI_OUT(0, "threshold-out", "FILE", &o->threshold_out,
                "write a threshold to FILE, for face-search and others"),
        CLI_REAL(0, "at", "FMR", &o->at, 1e-18, 1, "the false match rate of that threshold"),
        CLI_FILE(0, "groups", "FILE", &o->groups,
                 "error rates of the groups of people in FILE, at one threshold"),
        CLI_TEXT(0, "data", "NAME", &o->data, "what the threshold calls the data"),
        CLI_OUT(0, "histogram", "FILE", &o->histogram,
                "write histograms of the scores to FILE, as TSV"),
        CLI_INT(0, "hardest", "N", &o->hardest, 1, 1000000,
                "list N wrong decisions of each kind instead"),
        CLI_REAL(0, "hardest-at", "X", &o->hardest_at, 1e-18, 1,
                 "at this FAR; by default the last of --far"),
        CLI_OUT(0, "hardest-out", "FILE", &o->hardest_out,
                "write the list to FILE, and print the figures too"),
        CLI_WAS(0, "check", "prove"),
        CLI_FLAG(0, "prove", &o->check, "verify the measurement in double precision instead"),
        CLI_THREADS(&o->threads),
        CLI_END,
    };
    int operand = cli_start(&cli, table, argc, argv);
    if (argc - operand > 1)
        cli_misuse("more than one stream of embeddings");
    o->input = operand < argc ? argv[operand] : "-";
    o->fars =
        cli_numbers(o->far, MAX_FARS, "far", far, 1e-18, 1, false, "a number above 0, up to 1");
    check(o);
}
