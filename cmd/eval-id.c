/* eval-id: embeddings, a gallery and probes in, identification rates out; BLUFR's ten trials, and
 * MegaFace's challenge */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/any-model.h"
#include "cli/cli.h"
#include "cli/processes.h"
#include "eval-id/run.h"
#include "scores/cosine.h"

static const CliRule rules[] = {
    {CLI_TOGETHER, "blufr image-list", NULL},
    {CLI_TOGETHER, "gallery probe", NULL},
    {CLI_ONE_OF, "gallery blufr distractors groups", NULL},
    {CLI_GOES_WITH, "groups", "any-model threads tsv"},
    {CLI_EXCLUDES, "gallery", "blufr distractors"},
    {CLI_EXCLUDES, "blufr", "distractors"},
    {CLI_NEEDS, "noise distractor-noise", "distractors"},
    {CLI_NEEDS, "by-size", "gallery"},
    {CLI_NEEDS, "seed", "by-size"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "eval-id",
                  .operands = "EMBEDDINGS",
                  .rules = rules,
                  .summary = "Measures identification (1:N): with a gallery, BLUFR or MegaFace.",
                  .blas = true};

static int load(Run *run, const char *input, const Options *o, Err *err)
{
    if (embeddings_load(&run->e, input, err) != 0 ||
        any_model_check(o->any_model, &run->e.model, input, NULL, NULL, err) != 0)
        return -1;
    const EmbeddingRows *rows = &run->e.rows;
    if (!run->e.has_labels)
        return err_set(err, "%s: no column 'label' with the identities", input);
    if (o->groups != NULL)
        return 0;
    if (!run->e.has_keys && (o->distractors == NULL || o->noise != NULL))
        return err_set(err, "%s: no column 'key' to find images by", input);
    run->unit = malloc(((size_t)rows->n * (size_t)rows->d + 1) * sizeof(float));
    if (run->unit == NULL)
        return err_memory(err, "embeddings", (size_t)rows->n * (size_t)rows->d * sizeof(float));
    run->pool = pool_new((int)o->threads, err);
    if (run->pool == NULL || cosine_units(run->unit, rows, run->pool, err) != 0)
        return -1;
    return o->distractors == NULL ? lookup_init(&run->lookup, rows, (int)o->components, err) : 0;
}

static int measure(Run *run, Err *err)
{
    const Options *o = run->options;
    if (o->groups != NULL)
        return run_groups(run, err);
    if (o->distractors != NULL)
        return run_megaface(run, err);
    return o->trials.n > 0 ? run_trials(run, err) : run_split(run, err);
}

static void print(Run *run)
{
    const Options *o = run->options;
    if (o->distractors == NULL && o->groups == NULL) {
        trials_add(&run->figures, "missing", NAN, (double)run->missing, NULL);
        trials_add(&run->figures, "trials", NAN, o->trials.n > 0 ? o->trials.n : 1, NULL);
    }
    if (o->tsv)
        report_trials_tsv(stdout, &run->figures);
    else
        report_trials_table(stdout, &run->figures);
}

static void parse_rates(Points *points, const char *option, const char *text)
{
    points->n = cli_numbers(points->at, IDENTIFICATION_MAX, option, text, 1e-18, 1, false,
                            "a number from 1e-18 to 1");
}

static void check(const Options *o, const char *input)
{
    if (o->trials.n > TRIALS_MAX)
        cli_misuse("--blufr: given more than %d times", TRIALS_MAX);
    if (o->groups != NULL && strcmp(o->groups, "-") == 0 && strcmp(input, "-") == 0)
        cli_misuse("groups and embeddings cannot both come from standard input");
    if (o->distractors != NULL && strcmp(o->distractors, "-") == 0 && strcmp(input, "-") == 0)
        cli_misuse("probes and distractors cannot both come from standard input");
}

static int begin_processes(Options *o, const char *input, Err *err)
{
    const char *const file[] = {input,    o->gallery,          o->probe, o->images, o->distractors,
                                o->noise, o->distractor_noise, o->groups};
    if (cli_processes_alike(&o->comm, err) != 0 ||
        cli_processes_files(o->comm, file, sizeof file / sizeof *file, err) != 0 ||
        cli_processes_files(o->comm, o->trials.item, o->trials.n, err) != 0)
        return -1;
    o->cmc = cli_processes_output(o->comm, o->cmc);
    o->by_size = cli_processes_output(o->comm, o->by_size);
    return 0;
}

int main(int argc, char **argv)
{
    Options o = {.components = 1, .seed = 1};
    const char *ranks = "1,5,10", *far = NULL, *fpir = "1e-2,1e-1";
    CliOption table[] = {
        CLI_TEXT('g', "gallery", "FILE", &o.gallery, "names of the gallery images, one per line"),
        CLI_WAS('p', "", "probe"),
        CLI_TEXT(0, "probe", "FILE", &o.probe, "names of the probe images, one per line"),
        CLI_LIST(0, "blufr", "FILE", &o.trials, "a trial of BLUFR; repeat for each of the ten"),
        CLI_WAS(0, "images", "image-list"),
        CLI_TEXT(0, "image-list", "FILE", &o.images, "BLUFR's images, numbered by line"),
        CLI_TEXT(0, "distractors", "FILE", &o.distractors,
                 "MegaFace: embeddings of the distractors; - is standard input"),
        CLI_TEXT(0, "noise", "FILE", &o.noise, "MegaFace: probes whose labels are wrong"),
        CLI_TEXT(0, "distractor-noise", "FILE", &o.distractor_noise,
                 "MegaFace: distractors to leave out"),
        CLI_TEXT(0, "groups", "FILE", &o.groups, "how the labels of FILE group these faces"),
        CLI_TEXT(0, "ranks", "LIST", &ranks,
                 "ranks at which to print the CMC, separated by commas"),
        CLI_TEXT(0, "far", "LIST", &far, "false accept rates for TAR, separated by commas"),
        CLI_TEXT(0, "fpir", "LIST", &fpir, "false positive identification rates for DIR and FNIR"),
        CLI_OUT(0, "cmc", "FILE", &o.cmc, "write the CMC to FILE, as TSV"),
        CLI_OUT(0, "by-size", "FILE", &o.by_size,
                "write FNIR against the size of the gallery to FILE, as TSV"),
        CLI_INT(0, "seed", "N", &o.seed, 0, INT64_MAX, "seed for who is enrolled first"),
        CLI_INT(0, "components", "K", &o.components, 1, 64,
                "names match if their last K components do"),
        CLI_FLAG(0, "tsv", &o.tsv, "print TSV, one figure per line"),
        ANY_MODEL_OPTION(o.any_model),
        CLI_FLAG(0, "skip-missing", &o.skip_missing, "continue without missing images"),
        CLI_THREADS(&o.threads),
        CLI_END,
    };
    static Run run;
    Err err = {0};
    int operand = cli_start(&cli, table, argc, argv);
    if (argc - operand != 1)
        cli_misuse("exactly one stream of embeddings is needed");
    check(&o, argv[operand]);
    if (far == NULL)
        far = o.distractors != NULL ? "1e-4,1e-5,1e-6" : "1e-3,1e-4,1e-5";
    o.ranks.n = cli_numbers(o.ranks.at, IDENTIFICATION_MAX, "ranks", ranks, 1, 1e6, true,
                            "a number from 1 to 1e+06");
    parse_rates(&o.far, "far", far);
    parse_rates(&o.fpir, "fpir", fpir);
    run.options = &o;
    int rc = begin_processes(&o, argv[operand], &err);
    if (rc == 0)
        rc = load(&run, argv[operand], &o, &err);
    if (rc == 0)
        rc = measure(&run, &err);
    if (rc == 0)
        print(&run);
    lookup_release(&run.lookup);
    embeddings_release(&run.e);
    free(run.unit);
    pool_free(run.pool);
    free(o.trials.item);
    int status = rc == 0 ? cli_done() : cli_fail(&err);
    cli_processes_end(o.comm, status);
    return status;
}
