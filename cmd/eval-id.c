/* eval-id: embeddings, a gallery and probes in, identification rates out; BLUFR's ten trials */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli.h"
#include "eval/identify.h"
#include "eval/load.h"
#include "eval/lookup.h"
#include "eval/roc.h"
#include "eval/trial.h"

enum { RANKS = 3, FARS = 3, OPEN = 2, FIGURES = FARS + RANKS + OPEN, MAX_TRIALS = 64 };

static const double verify_far[FARS] = {1e-3, 1e-4, 1e-5}, open_far[OPEN] = {1e-2, 1e-1};
static const int64_t ranks[RANKS] = {1, 5, 10};

static Cli cli = {.name = "eval-id",
                  .operands = "EMBEDDINGS",
                  .summary = "Measures identification of probes in a gallery, and BLUFR.",
                  .blas = true};

typedef struct Options {
    const char *gallery, *probe, *images;
    CliList trials;
    int64_t components, threads;
    bool skip_missing;
} Options;

typedef struct Run {
    const Options *options;
    Embeddings e;
    Lookup lookup;
    float *unit;
    Pool *pool;
    int64_t missing;
    double figure[MAX_TRIALS][FIGURES];
} Run;

static int load(Run *run, const char *input, const Options *o, Err *err)
{
    if (embeddings_load(&run->e, input, err) != 0)
        return -1;
    const EvalRows *rows = &run->e.rows;
    if (!run->e.has_keys || !run->e.has_labels)
        return err_set(err, "%s: columns 'key' and 'label' are needed", input);
    run->unit = malloc(((size_t)rows->n * (size_t)rows->d + 1) * sizeof(float));
    if (run->unit == NULL)
        return err_memory(err, "embeddings", (size_t)rows->n * (size_t)rows->d * sizeof(float));
    for (int64_t i = 0; i < rows->n; i++)
        if (eval_unit(run->unit + i * rows->d, rows, i, err) != 0)
            return -1;
    run->pool = pool_new((int)o->threads, err);
    return run->pool != NULL ? lookup_build(&run->lookup, rows, (int)o->components, err) : -1;
}

static int verify(Run *run, double *tar, const RowList *test, Err *err)
{
    const EvalRows *rows = &run->e.rows;
    float *x = malloc(((size_t)test->n * (size_t)rows->d + 1) * sizeof(float));
    int64_t *label = malloc(((size_t)test->n + 1) * sizeof(int64_t)), rank[FARS];
    RocVertex vertex[FARS];
    Roc roc;
    int rc = x != NULL && label != NULL ? 0 : err_memory(err, "a trial", (size_t)test->n * 8);
    for (int64_t i = 0; rc == 0 && i < test->n; i++) {
        memcpy(x + i * rows->d, rows->embedding + test->row[i] * rows->d,
               (size_t)rows->d * sizeof(float));
        label[i] = rows->label[test->row[i]];
    }
    EvalRows trial = {.n = test->n, .d = rows->d, .embedding = x, .label = label};
    Scores *scores = rc == 0 ? scores_all_pairs(&trial, err) : NULL;
    int points = 0;
    for (int i = 0; scores != NULL && i < FARS; i++)
        if (roc_rank(verify_far[i], scores_impostor(scores)) > 0)
            rank[points++] = roc_rank(verify_far[i], scores_impostor(scores));
    rc = scores != NULL ? roc_measure(&roc, vertex, rank, points, scores, run->pool, err) : -1;
    for (int i = 0; rc == 0 && i < FARS; i++)
        tar[i] = i < points ? roc_read(ROC_BLUFR, verify_far[i], &roc, &vertex[i]).tar : NAN;
    scores_free(scores);
    free(x);
    free(label);
    return rc;
}

static int identify_lists(Run *run, double *figure, const RowList *gallery, const RowList *probes,
                          Err *err)
{
    Probe *probe = malloc(((size_t)probes->n + 1) * sizeof *probe);
    int rc = probe != NULL ? 0 : err_memory(err, "probes", (size_t)probes->n * sizeof *probe);
    if (rc == 0 && (gallery->n == 0 || probes->n == 0))
        rc = err_set(err, "the gallery or the probes are empty");
    if (rc == 0)
        rc = identify(probe, run->unit, run->e.rows.label, run->e.rows.d, gallery->row, gallery->n,
                      probes->row, probes->n, run->pool, err);
    for (int i = 0; rc == 0 && i < RANKS; i++)
        figure[i] = identify_rank(probe, probes->n, ranks[i]);
    for (int i = 0; rc == 0 && i < OPEN; i++) {
        float threshold;
        figure[RANKS + i] = identify_open(&threshold, probe, probes->n, open_far[i], 1, err);
    }
    free(probe);
    return err_is_set(err) ? -1 : rc;
}

static int run_trial(Run *run, int k, Err *err)
{
    Trial trial;
    if (trial_read(&trial, run->options->trials.item[k], run->options->images, &run->lookup, err) !=
        0)
        return -1;
    run->missing += trial.missing;
    int rc = verify(run, run->figure[k], &trial.test, err);
    if (rc == 0)
        rc = identify_lists(run, run->figure[k] + FARS, &trial.gallery, &trial.probe, err);
    trial_free(&trial);
    return rc;
}

static int run_split(Run *run, Err *err)
{
    RowList gallery = {0}, probes = {0};
    for (int i = 0; i < FARS; i++)
        run->figure[0][i] = NAN;
    int rc = rows_listed(&gallery, &run->missing, run->options->gallery, &run->lookup, err);
    if (rc == 0)
        rc = rows_listed(&probes, &run->missing, run->options->probe, &run->lookup, err);
    if (rc == 0)
        rc = identify_lists(run, run->figure[0] + FARS, &gallery, &probes, err);
    free(gallery.row);
    free(probes.row);
    return rc;
}

static void print_figure(const Run *run, int trials, int figure, const char *measure, double at,
                         const char *convention)
{
    double mean = 0, squares = 0;
    for (int k = 0; k < trials; k++)
        mean += run->figure[k][figure] / trials;
    for (int k = 0; k < trials; k++)
        squares += pow(run->figure[k][figure] - mean, 2);
    printf("%s\t%g\t", measure, at);
    if (isnan(mean))
        printf("NA\tNA\tNA");
    else if (trials < 2)
        printf("%.9g\tNA\tNA", mean);
    else
        printf("%.9g\t%.9g\t%.9g", mean, sqrt(squares / (trials - 1)),
               mean - sqrt(squares / (trials - 1)));
    printf("\t%s\n", convention);
}

static void print_all(const Run *run, int trials)
{
    puts("measure\tat\tmean\tdeviation\tmean_less_deviation\tconvention");
    printf("missing\tNA\t%lld\tNA\tNA\tNA\n", (long long)run->missing);
    printf("trials\tNA\t%d\tNA\tNA\tNA\n", trials);
    int figure = 0;
    for (int i = 0; i < FARS; i++, figure++)
        if (run->options->trials.n > 0)
            print_figure(run, trials, figure, "tar", verify_far[i], "blufr");
    for (int i = 0; i < RANKS; i++)
        print_figure(run, trials, figure++, "rank", (double)ranks[i], "cmc");
    for (int i = 0; i < OPEN; i++)
        print_figure(run, trials, figure++, "dir", open_far[i], "rank 1, blufr");
}

static int measure(Run *run, Err *err)
{
    const Options *o = run->options;
    int rc = o->trials.n == 0 ? run_split(run, err) : 0;
    for (int k = 0; rc == 0 && k < o->trials.n; k++)
        rc = run_trial(run, k, err);
    if (rc == 0 && run->missing > 0) {
        if (!o->skip_missing)
            return err_set(err, "%lld images are missing (--skip-missing goes on without)",
                           (long long)run->missing);
        cli_warn("%lld images are missing", (long long)run->missing);
    }
    if (rc == 0)
        print_all(run, o->trials.n > 0 ? o->trials.n : 1);
    return rc;
}

int main(int argc, char **argv)
{
    Options o = {.components = 1};
    CliOption table[] = {
        CLI_TEXT('g', "gallery", "FILE", &o.gallery, "names of the gallery's images, one a line"),
        CLI_TEXT('p', "probe", "FILE", &o.probe, "names of the probes' images, one a line"),
        CLI_LIST(0, "blufr", "FILE", &o.trials, "a trial of BLUFR; again for each of the ten"),
        CLI_TEXT(0, "images", "FILE", &o.images, "BLUFR's images, numbered by their lines"),
        CLI_INT(0, "components", "K", &o.components, 1, 64,
                "names agree when their last K components do"),
        CLI_FLAG(0, "skip-missing", &o.skip_missing, "go on without the images that are missing"),
        CLI_THREADS(&o.threads),
        CLI_END,
    };
    static Run run;
    Err err = {0};
    int operand = cli_start(&cli, table, argc, argv);
    if (argc - operand != 1)
        cli_misuse("one stream of embeddings is needed");
    if ((o.trials.n > 0) != (o.images != NULL))
        cli_misuse("--blufr and --images need each other");
    if (o.trials.n > MAX_TRIALS)
        cli_misuse("--blufr: more than %d of them", MAX_TRIALS);
    if (o.trials.n > 0 ? o.gallery != NULL || o.probe != NULL : o.gallery == NULL || !o.probe)
        cli_misuse("either --gallery and --probe or --blufr must be given");
    run.options = &o;
    int rc = load(&run, argv[operand], &o, &err);
    if (rc == 0)
        rc = measure(&run, &err);
    lookup_free(&run.lookup);
    embeddings_free(&run.e);
    free(run.unit);
    pool_free(run.pool);
    free(o.trials.item);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
