/* eval-roc: embeddings in, TAR at FAR, EER, AUC and accuracy out */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/out.h"
#include "cli.h"
#include "eval-roc/check.h"
#include "eval-roc/hard.h"
#include "eval-roc/uncertain.h"
#include "lists/lookup.h"
#include "report/histogram.h"

enum { MAX_FARS = 64, DRAWS = 1000 };

static const CliRule rules[] = {
    {CLI_GOES_WITH, "prove", "far threads"},
    {CLI_EXCLUDES, "tsv", "json"},
    {CLI_NEEDS, "fold skip-missing", "pairs"},
    {CLI_NEEDS, "hardest-at hardest-out", "hardest"},
    {CLI_NEEDS, "bootstrap versus", "convention=blufr convention=nearest convention=conservative"},
    {CLI_NEEDS, "seed", "bootstrap versus"},
    {CLI_EXCLUDES, "fold", "bootstrap versus"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "eval-roc",
                  .operands = "[EMBEDDINGS]",
                  .rules = rules,
                  .summary = "Measures how well embeddings tell people apart.",
                  .blas = true};

typedef struct Options {
    const char *input, *roc, *versus, *hardest_out, *histogram;
    CompareOptions compare;
    int64_t threads, draws, seed, hardest; /* draws 0: no intervals */
    double hardest_at;                     /* 0: the last of --far that can be measured */
    double far[MAX_FARS];
    int rule, fars;
    bool tsv, json, check;
} Options;

/* A stream of embeddings, compared and measured. */
typedef struct Stream {
    Report report;
    ReportPoint point[MAX_FARS], hardest; /* where wrong decisions are listed */
    Compared compared;
    RocVertex curve[ROC_CURVE_MAX];
    int vertices;
} Stream;

static void stream_free(Stream *stream)
{
    compared_free(&stream->compared);
    free(stream->report.insightface_fold);
    free(stream->report.facexzoo_fold);
}

static int write_curve(const Stream *stream, const Uncertain *uncertain, const char *path, Err *err)
{
    Out out;
    Interval band[ROC_CURVE_MAX];
    if (out_open(&out, path, err) != 0)
        return -1;
    if (uncertain != NULL)
        uncertain_band(band, uncertain, stream->vertices);
    report_curve(out.f, &stream->report, stream->curve, uncertain ? band : NULL, stream->vertices);
    return out_commit(&out, err);
}

static int write_histogram(const Stream *stream, const char *path, Pool *pool, Err *err)
{
    Histogram histogram;
    Out out;
    if (histogram_count(&histogram, stream->compared.scores, pool, err) != 0 ||
        out_open(&out, path, err) != 0)
        return -1;
    report_histogram(out.f, &histogram);
    return out_commit(&out, err);
}

/* Measures at the wanted FARs and, for the curve and for resamples, at many. */
static int measure(Stream *stream, bool curve, Pool *pool, Err *err)
{
    Report *report = &stream->report;
    const Scores *scores = stream->compared.scores;
    int64_t rank[ROC_CURVE_MAX];
    RocReading reading[MAX_FARS + 1] = {0};
    int vertices = curve ? roc_curve_ranks(rank, scores_impostor(scores)) : 0;
    RocQuery query = {report->rule, report->points + 1, reading, vertices, rank, stream->curve};
    if (scores_impostor(scores) + scores_genuine(scores) == 0)
        return err_set(err, "%s: no pairs to compare", report->input);
    for (int i = 0; i < report->points; i++)
        reading[i].far = report->point[i].far;
    reading[report->points].far = stream->hardest.far;
    if (roc_query(&report->roc, &query, scores, pool, err) != 0)
        return -1;
    stream->vertices = vertices;
    for (int i = 0; i <= report->points; i++) {
        ReportPoint *point = i < report->points ? &report->point[i] : &stream->hardest;
        point->rank = reading[i].rank;
        point->at = reading[i];
    }
    return 0;
}

/* Of all pairs by label: one picture twice would be a genuine pair of score 1. */
static int tell_repeated(const EmbeddingRows *rows, const char *input, Err *err)
{
    int64_t pair[2];
    int64_t repeated = lookup_repeated(pair, rows, err);
    if (repeated > 0) {
        int length;
        const char *key = embedding_key(rows, pair[0], &length);
        cli_warn(
            "%s: %lld rows have the same key as an earlier one (rows %lld and %lld: %.*s): if they "
            "are the same picture, it is compared with itself",
            input, (long long)repeated, (long long)pair[0], (long long)pair[1], length, key);
    }
    return repeated < 0 ? -1 : 0;
}

static int load(Stream *stream, const char *input, const Options *o, Pool *pool, Err *err)
{
    Report *report = &stream->report;
    *report = (Report){.input = strcmp(input, "-") == 0 ? "standard input" : input,
                       .pairs = o->compare.pairs,
                       .fold = (int)o->compare.fold,
                       .rule = (RocRule)o->rule,
                       .point = stream->point,
                       .points = o->fars};
    for (int i = 0; i < o->fars; i++)
        stream->point[i].far = o->far[i];
    stream->hardest.far = o->hardest_at;
    if (compared_load(&stream->compared, report, input, &o->compare, err) != 0)
        return -1;
    if (o->compare.pairs == NULL &&
        tell_repeated(&stream->compared.e.rows, report->input, err) != 0)
        return -1;
    return o->check ? check_report(&stream->compared, report, pool, err)
                    : measure(stream, o->roc != NULL || o->draws > 0, pool, err);
}

/* Measures in the resamples; when that is done the scores are not needed any more. */
static int resample(Uncertain *uncertain, int index, Stream *stream, Pool *pool, Err *err)
{
    int rc = uncertain_add(uncertain, index, &stream->compared, &stream->report, stream->curve,
                           stream->vertices, pool, err);
    scores_free(stream->compared.scores);
    stream->compared.scores = NULL;
    return rc;
}

static int compare(Uncertain *uncertain, Stream *stream, Stream *other, const Options *o,
                   Pool *pool, Err *err)
{
    if (uncertain_begin(uncertain, &stream->compared, o->draws, o->seed, err) != 0 ||
        resample(uncertain, 0, stream, pool, err) != 0)
        return -1;
    if (o->versus == NULL)
        return uncertain_report(uncertain, &stream->report, NULL, err);
    if (load(other, o->versus, o, pool, err) != 0)
        return -1;
    Err inner = {0};
    if (compared_same(&stream->compared, &other->compared, &inner) != 0)
        return err_set(err, "%s, compared with %s: %s", o->versus, stream->report.input,
                       inner.text);
    if (resample(uncertain, 1, other, pool, err) != 0)
        return -1;
    return uncertain_report(uncertain, &stream->report, &other->report, err);
}

static int list_hardest(const Stream *stream, const Options *o, Pool *pool, Err *err)
{
    const Report *report = &stream->report;
    const ReportPoint *at = &stream->hardest;
    for (int i = 0; i < report->points && o->hardest_at == 0; i++)
        if (report->point[i].rank > 0)
            at = &report->point[i];
    if (at->rank == 0)
        return err_set(
            err, "%s: no FAR to list wrong decisions at: each is less than one of %lld impostors",
            report->input, (long long)report->roc.impostor);
    if (!stream->compared.e.has_keys)
        return err_set(err, "%s: no column 'key' to list wrong decisions by", report->input);
    return hard_write(o->hardest_out, &stream->compared, &at->at, o->hardest, pool, err);
}

static int print(const Report *report, const Options *o, Err *err)
{
    if (o->json)
        return report_json(stdout, report, err);
    if (o->tsv)
        report_tsv(stdout, report);
    else
        report_table(stdout, report);
    return 0;
}

static int run(const Options *o, Err *err)
{
    static Stream stream, other;
    Uncertain uncertain = {0};
    Pool *pool = pool_new((int)o->threads, err);
    int rc = pool != NULL ? load(&stream, o->input, o, pool, err) : -1;
    if (rc == 0 && o->histogram != NULL)
        rc = write_histogram(&stream, o->histogram, pool, err);
    if (rc == 0 && o->hardest > 0)
        rc = list_hardest(&stream, o, pool, err);
    if (rc == 0 && o->draws > 0)
        rc = compare(&uncertain, &stream, &other, o, pool, err);
    if (rc == 0 && o->roc != NULL)
        rc = write_curve(&stream, o->draws > 0 ? &uncertain : NULL, o->roc, err);
    if (rc == 0 && !o->check && (o->hardest == 0 || strcmp(o->hardest_out, "-") != 0))
        rc = print(&stream.report, o, err);
    pool_free(pool);
    uncertain_free(&uncertain);
    stream_free(&stream);
    stream_free(&other);
    return rc;
}

/* In resamples the two conventions that look at more than a threshold are not measured. */
static void check(Options *o)
{
    o->compare.keep = o->check;
    if (o->versus != NULL && o->draws == 0)
        o->draws = DRAWS;
    if (o->versus != NULL && strcmp(o->versus, "-") == 0 && strcmp(o->input, "-") == 0)
        cli_misuse("the two streams cannot both be standard input");
}

int main(int argc, char **argv)
{
    Options o = {.seed = 1, .hardest_out = "-"};
    const char *far = "1e-1,1e-2,1e-3,1e-4,1e-5,1e-6";
    CliOption table[] = {
        CLI_FILE('p', "pairs", "FILE", &o.compare.pairs,
                 "compare the pairs of this list, such as LFW's"),
        CLI_FLAG(0, "skip-missing", &o.compare.skip_missing,
                 "leave out pairs whose images are missing"),
        CLI_INT(0, "fold", "K", &o.compare.fold, 1, INT32_MAX, "evaluate only fold K of the list"),
        CLI_TEXT(0, "far", "LIST", &far, "false accept rates, separated by commas"),
        CLI_CHOICE(0, "convention", "blufr|nearest|conservative|dropped|histogram", &o.rule,
                   "how TAR is read off the curve"),
        CLI_FLAG(0, "tsv", &o.tsv, "print TSV, one figure per line"),
        CLI_FLAG(0, "json", &o.json, "print JSON"),
        CLI_INT(0, "bootstrap", "N", &o.draws, 10, 100000,
                "intervals from N resamples of identities"),
        CLI_FILE(0, "versus", "FILE", &o.versus, "measure the difference from these embeddings"),
        CLI_INT(0, "seed", "N", &o.seed, 0, INT64_MAX, "seed for the resamples"),
        CLI_OUT(0, "roc", "FILE", &o.roc, "write the ROC curve to FILE, as TSV"),
        CLI_OUT(0, "histogram", "FILE", &o.histogram,
                "write histograms of the scores to FILE, as TSV"),
        CLI_INT(0, "hardest", "N", &o.hardest, 1, 1000000,
                "list N wrong decisions of each kind instead"),
        CLI_REAL(0, "hardest-at", "X", &o.hardest_at, 1e-18, 1,
                 "at this FAR; by default the last of --far"),
        CLI_OUT(0, "hardest-out", "FILE", &o.hardest_out,
                "write the list to FILE, and print the figures too"),
        CLI_WAS(0, "check", "prove"),
        CLI_FLAG(0, "prove", &o.check, "verify the measurement in double precision instead"),
        CLI_THREADS(&o.threads),
        CLI_END,
    };
    Err err = {0};
    int operand = cli_start(&cli, table, argc, argv);
    if (argc - operand > 1)
        cli_misuse("more than one stream of embeddings");
    o.input = operand < argc ? argv[operand] : "-";
    o.fars = cli_numbers(o.far, MAX_FARS, "far", far, 1e-18, 1, false, "a number above 0, up to 1");
    check(&o);
    int rc = run(&o, &err);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
