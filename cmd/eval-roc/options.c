#include "eval-roc/options.h"

#include <float.h>
#include <string.h>

#include "base/num_internal.h"
#include "cli/any-model.h"
#include "cli/threshold.h"
#include "verify/calibration_internal.h"

#define EDC_AT    1e-3
#define GROUPS_AT 1e-4 /* NIST's reports on groups are at this FMR */

static const CliRule rules[] = {
    {CLI_GOES_WITH, "prove", "far threads"},
    {CLI_EXCLUDES, "tsv", "json"},
    {CLI_EXCLUDES, "markdown", "latex"},
    {CLI_EXCLUDES, "markdown latex",
     "tsv json versus roc threshold-out at threshold dev groups operating-points fit-calibration "
     "scores histogram hardest fold"},
    {CLI_NEEDS, "fold skip-missing", "pairs"},
    {CLI_NEEDS, "hardest-at hardest-out", "hardest"},
    {CLI_NEEDS, "bootstrap versus", "convention=blufr convention=nearest convention=conservative"},
    {CLI_NEEDS, "threshold-out", "at"},
    {CLI_NEEDS, "dev", "at epc"},
    {CLI_NEEDS, "epc", "dev"},
    {CLI_NEEDS, "dev-pairs", "dev"},
    {CLI_EXCLUDES, "threshold", "at dev"},
    {CLI_EXCLUDES, "threshold dev", "threshold-out versus roc hardest histogram fold"},
    {CLI_NEEDS, "at", "threshold-out groups dev fit-calibration edc"},
    {CLI_EXCLUDES, "operating-points", "threshold dev groups versus hardest roc fold"},
    {CLI_NEEDS, "gallery-size probes-per-day", "operating-points"},
    {CLI_TOGETHER, "gallery-size probes-per-day", NULL},
    {CLI_EXCLUDES, "groups", "hardest roc versus"},
    {CLI_NEEDS, "data", "threshold-out fit-calibration"},
    {CLI_EXCLUDES, "fit-calibration",
     "threshold-out threshold dev groups operating-points versus hardest roc fold prove"},
    {CLI_EXCLUDES, "edc",
     "threshold-out threshold dev groups operating-points fit-calibration versus hardest roc fold "
     "prove json bootstrap markdown latex"},
    {CLI_NEEDS, "calibration", "fit-calibration"},
    {CLI_NEEDS, "reliability", "fit-calibration threshold"},
    {CLI_EXCLUDES, "reliability epc", "groups"},
    {CLI_NEEDS, "threshold-out groups dev operating-points fit-calibration edc failures",
     "convention=blufr convention=nearest convention=conservative convention=dropped"},
    {CLI_NEEDS, "seed",
     "bootstrap versus threshold-out groups dev threshold operating-points fit-calibration"},
    {CLI_EXCLUDES, "fold", "bootstrap versus threshold-out groups"},
    {CLI_EXCLUDES, "failures",
     "groups edc markdown latex fit-calibration operating-points versus hardest fold prove"},
    {CLI_EXCLUDES, "from=scores",
     "failures pairs dev-pairs skip-missing any-model bootstrap versus seed roc histogram hardest "
     "groups prove threshold threshold-out fit-calibration edc scores convention=histogram"},
    {CLI_NEEDS, "scores", "pairs"},
    {CLI_EXCLUDES, "scores", "threshold dev prove fold"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "eval-roc",
                  .operands = "[EMBEDDINGS ...]",
                  .rules = rules,
                  .summary = "Measures how well embeddings tell people apart.",
                  .blas = true};

/* eer, min-hter, fmr=X or X alone, score=S */
static void take_at(Options *o)
{
    const char *text = o->at, *value = text;
    o->at_kind = AT_FMR;
    if (strcmp(text, "eer") == 0)
        o->at_kind = AT_EER;
    else if (strcmp(text, "min-hter") == 0)
        o->at_kind = AT_LEAST_HTER;
    else if (strncmp(text, "score=", 6) == 0) {
        o->at_kind = AT_SCORE;
        value = text + 6;
    } else if (strncmp(text, "fmr=", 4) == 0)
        value = text + 4;
    if (o->at_kind == AT_FMR && !num_double(value, 1e-18, 1, &o->at_value))
        cli_misuse("--at %s: eer, min-hter, score=S or an FMR above 0, up to 1", text);
    double most = o->from == FROM_SCORES ? (double)FLT_MAX : 1;
    if (o->at_kind == AT_SCORE && !num_double(value, -most, most, &o->at_value) && most > 1)
        cli_misuse("--at %s: not a score", text);
    if (o->at_kind == AT_SCORE && !num_double(value, -most, most, &o->at_value))
        cli_misuse("--at %s: a score is from -1 to 1", text);
}

/* What is read from standard input is one thing. */
static void check_inputs(const Options *o)
{
    const char *const input[] = {o->input, o->groups, o->versus, o->dev, o->threshold, o->failures};
    const char *const name[] = {"embeddings",     "groups",        "the other embeddings",
                                "those of --dev", "the threshold", "the failures"};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < i; j++)
            if (input[i] != NULL && strcmp(input[i], "-") == 0 && input[j] != NULL &&
                strcmp(input[j], "-") == 0)
                cli_misuse("%s and %s cannot both come from standard input", name[j], name[i]);
}

static void check(Options *o, int rule)
{
    if (o->at != NULL)
        take_at(o);
    if (o->versus != NULL && o->draws == 0)
        o->draws = DRAWS;
    if (o->groups != NULL && o->at == NULL && o->threshold == NULL) {
        o->at_kind = AT_FMR;
        o->at_value = GROUPS_AT;
    }
    if ((o->calibration_out != NULL || o->epc != NULL) && o->at == NULL)
        o->at_kind = AT_LEAST_HTER; /* where the ratio is about 1, alpha 0.5 */
    o->isotonic = rule == CALIBRATION_ISOTONIC - CALIBRATION_LOGISTIC;
    if (o->edc != NULL && o->at == NULL) {
        o->at_kind = AT_FMR;
        o->at_value = EDC_AT;
    }
    if (o->edc != NULL && strcmp(o->input, "-") == 0)
        cli_misuse("--edc reads embeddings twice: they cannot come from standard input");
    check_inputs(o);
}

void options_take(Options *o, int argc, char **argv)
{
    *o = (Options){.seed = 1, .hardest_out = "-"};
    const char *far = "1e-1,1e-2,1e-3,1e-4,1e-5,1e-6";
    int rule = 0;
    CliOption table[] = {
        CLI_CHOICE('f', "from", "embeddings|scores", &o->from, "what the input is"),
        CLI_FILE('p', "pairs", "FILE", &o->pairs, "compare the pairs of this list, like LFW's"),
        ANY_MODEL_OPTION(o->any_model),
        CLI_FLAG(0, "skip-missing", &o->skip_missing, "leave out pairs whose images are missing"),
        CLI_INT(0, "fold", "K", &o->fold, 1, INT32_MAX, "evaluate fold K of the list only"),
        CLI_TEXT(0, "far", "LIST", &far, "false accept rates, separated by commas"),
        CLI_CHOICE(0, "convention", "blufr|nearest|conservative|dropped|histogram", &o->rule,
                   "how TAR is read off the curve"),
        CLI_FLAG(0, "tsv", &o->tsv, "print TSV, one figure per line"),
        CLI_FLAG(0, "json", &o->json, "print JSON"),
        CLI_FLAG(0, "markdown", &o->markdown, "print a table of several streams in Markdown"),
        CLI_FLAG(0, "latex", &o->latex, "print a table of several streams in LaTeX"),
        CLI_INT(0, "bootstrap", "N", &o->draws, 10, 100000,
                "intervals from N resamples of identities"),
        CLI_FILE(0, "versus", "FILE", &o->versus, "measure the difference from these embeddings"),
        CLI_INT(0, "seed", "N", &o->seed, 0, INT64_MAX, "seed for the resamples"),
        CLI_OUT(0, "roc", "FILE", &o->roc, "write the ROC curve to FILE, as TSV"),
        CLI_OUT(0, "threshold-out", "FILE", &o->threshold_out,
                "write a threshold to FILE, for face-search and others"),
        CLI_TEXT(0, "at", "HOW", &o->at, "how it is set: FMR, eer, min-hter or score=S"),
        THRESHOLD_OPTION(o->threshold),
        CLI_FILE(0, "dev", "FILE", &o->dev, "set the threshold on these embeddings"),
        CLI_FILE(0, "dev-pairs", "FILE", &o->dev_pairs, "on the pairs of this list of them"),
        CLI_FILE(0, "groups", "FILE", &o->groups,
                 "error rates of the groups of people in FILE, at one threshold"),
        CLI_OUT(0, "epc", "FILE", &o->epc,
                "write the expected performance curve of --dev to FILE, as TSV"),
        CLI_FILE(0, "failures", "FILE", &o->failures,
                 "count the faces in FILE, which were not found, as non-matches"),
        CLI_TEXT(0, "edc", "COLUMN", &o->edc,
                 "error rates against the share discarded for this quality"),
        CLI_FLAG(0, "operating-points", &o->operating, "recommend a threshold for each of --far"),
        CLI_INT(0, "gallery-size", "N", &o->gallery_size, 1, 1000000000000,
                "people to be found among"),
        CLI_INT(0, "probes-per-day", "K", &o->probes_per_day, 1, 1000000000000,
                "who are looked for, for false matches a day"),
        CLI_OUT(0, "fit-calibration", "FILE", &o->calibration_out,
                "write a threshold and what makes likelihood ratios of scores to FILE"),
        CLI_CHOICE(0, "calibration", "logistic|isotonic", &rule, "which of both is written"),
        CLI_OUT(0, "reliability", "FILE", &o->reliability,
                "write which probabilities came true how often to FILE"),
        CLI_TEXT(0, "data", "NAME", &o->data, "what the threshold calls the data"),
        CLI_OUT(0, "scores", "FILE", &o->scores, "write the scores of the listed pairs to FILE"),
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
    static char *input = "-";
    o->operand = operand < argc ? argv + operand : &input;
    o->operands = operand < argc ? argc - operand : 1;
    o->input = o->operand[0];
    if (o->operands > 1 && !o->markdown && !o->latex)
        cli_misuse("more than one stream of embeddings: that is for --markdown and --latex");
    o->fars =
        cli_numbers(o->far, MAX_FARS, "far", far, 1e-18, 1, false, "a number above 0, up to 1");
    check(o, rule);
}
