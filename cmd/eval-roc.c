/* eval-roc: embeddings in, TAR at FAR, EER, AUC and accuracy out */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "cli.h"
#include "eval-roc/check.h"
#include "eval-roc/compared.h"

enum { MAX_FARS = 64 };

static Cli cli = {.name = "eval-roc",
                  .operands = "[EMBEDDINGS]",
                  .summary = "Measures how well embeddings tell people apart.",
                  .blas = true};

typedef struct Options {
    const char *input, *far, *roc;
    CompareOptions compare;
    int64_t threads;
    int rule;
    bool tsv, json, check;
} Options;

static int parse_fars(ReportPoint *point, const char *text)
{
    int n = 0;
    for (const char *at = text;; at++) {
        char one[32];
        int length = (int)strcspn(at, ",");
        if (n == MAX_FARS)
            cli_misuse("--far: more than %d of them", MAX_FARS);
        snprintf(one, sizeof one, "%.*s", length, at);
        if (length >= (int)sizeof one || !num_double(one, 1e-18, 1, &point[n++].far))
            cli_misuse("--far: '%.*s' is not a number above 0, up to 1", length, at);
        at += length;
        if (*at == '\0')
            return n;
    }
}

static int write_curve(const Report *report, const RocVertex *vertex, int n, const char *path,
                       Err *err)
{
    Out out;
    if (out_open(&out, path, err) != 0)
        return -1;
    report_curve(out.f, report, vertex, n);
    return out_commit(&out, err);
}

/* Measures at the wanted FARs and, for the curve, at many. */
static int measure(Report *report, const Scores *scores, const Options *o, Err *err)
{
    int64_t rank[ROC_CURVE_MAX];
    RocVertex vertex[ROC_CURVE_MAX];
    RocReading reading[MAX_FARS] = {0};
    int curve = o->roc != NULL ? roc_curve_ranks(rank, scores_impostor(scores)) : 0;
    RocQuery query = {report->rule, report->points, reading, curve, rank, vertex};
    if (scores_impostor(scores) + scores_genuine(scores) == 0)
        return err_set(err, "%s: no pairs to compare", report->input);
    for (int i = 0; i < report->points; i++)
        reading[i].far = report->point[i].far;
    Pool *pool = pool_new((int)o->threads, err);
    int rc = pool != NULL ? roc_query(&report->roc, &query, scores, pool, err) : -1;
    pool_free(pool);
    if (rc != 0)
        return -1;
    for (int i = 0; i < report->points; i++) {
        report->point[i].rank = reading[i].rank;
        report->point[i].at = reading[i];
    }
    return o->roc != NULL ? write_curve(report, vertex, curve, o->roc, err) : 0;
}

static int check(const Report *report, const Compared *compared, const Options *o, Err *err)
{
    Pool *pool = pool_new((int)o->threads, err);
    int rc = pool != NULL ? check_report(compared, report, pool, err) : -1;
    pool_free(pool);
    return rc;
}

static int run(Report *report, const Options *o, Err *err)
{
    Compared compared;
    int rc = compared_load(&compared, report, o->input, &o->compare, err);
    if (rc == 0)
        rc = o->check ? check(report, &compared, o, err) : measure(report, compared.scores, o, err);
    compared.e.by = NULL; /* the report keeps it */
    compared_free(&compared);
    if (rc != 0 || o->check)
        return rc;
    if (o->json)
        return report_json(stdout, report, err);
    if (o->tsv)
        report_tsv(stdout, report);
    else
        report_table(stdout, report);
    return 0;
}

int main(int argc, char **argv)
{
    Options o = {.far = "1e-1,1e-2,1e-3,1e-4,1e-5,1e-6"};
    CliOption table[] = {
        CLI_FILE('p', "pairs", "FILE", &o.compare.pairs,
                 "compare the pairs of this list, like LFW's"),
        CLI_FLAG(0, "skip-missing", &o.compare.skip_missing,
                 "leave out pairs whose images are missing"),
        CLI_INT(0, "fold", "K", &o.compare.fold, 1, INT32_MAX, "evaluate fold K of the list only"),
        CLI_TEXT(0, "far", "LIST", &o.far, "false accept rates, apart by commas"),
        CLI_CHOICE(0, "convention", "blufr|nearest|conservative|dropped|histogram", &o.rule,
                   "how TAR is read"),
        CLI_FLAG(0, "tsv", &o.tsv, "print a line a figure, fields apart by tabs"),
        CLI_FLAG(0, "json", &o.json, "print JSON"),
        CLI_PATH(0, "roc", "FILE", &o.roc, "write the ROC curve to FILE, as TSV"),
        CLI_FLAG(0, "check", &o.check, "prove it in double precision instead"),
        CLI_THREADS(&o.threads),
        CLI_END,
    };
    Err err = {0};
    ReportPoint point[MAX_FARS] = {0};
    int operand = cli_start(&cli, table, argc, argv);
    if (argc - operand > 1)
        cli_misuse("more than one stream of embeddings");
    if (o.tsv && o.json)
        cli_misuse("--tsv and --json exclude each other");
    if (o.compare.pairs == NULL && (o.compare.fold > 0 || o.compare.skip_missing))
        cli_misuse("--fold and --skip-missing need --pairs");
    if (o.check && (o.compare.pairs != NULL || o.tsv || o.json || o.roc != NULL))
        cli_misuse("--check goes with --far and --threads only");
    o.compare.keep = o.check;
    o.input = operand < argc ? argv[operand] : "-";
    Report report = {.input = strcmp(o.input, "-") == 0 ? "standard input" : o.input,
                     .pairs = o.compare.pairs,
                     .fold = (int)o.compare.fold,
                     .rule = (RocRule)o.rule,
                     .point = point,
                     .points = parse_fars(point, o.far)};
    int rc = run(&report, &o, &err);
    free((char *)report.by);
    free(report.insightface_fold);
    free(report.facexzoo_fold);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
