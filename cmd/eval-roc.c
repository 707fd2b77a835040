/* eval-roc: embeddings in, TAR at FAR, EER, AUC and accuracy out */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "any-model.h"
#include "base/counted_internal.h"
#include "base/out.h"
#include "base/path_internal.h"
#include "cli.h"
#include "cli/processes.h"
#include "lists/group_list_internal.h"
#include "lists/lookup_internal.h"
#include "missing.h"
#include "report/evaluation_internal.h"
#include "report/groups_internal.h"
#include "report/hardest_internal.h"
#include "report/histogram_internal.h"
#include "report/recount_internal.h"
#include "verify/threshold_internal.h"

enum { MAX_FARS = 64, DRAWS = 1000 };

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

typedef struct Options {
    const char *input, *pairs, *roc, *versus, *hardest_out, *histogram, *threshold_out, *data,
        *groups;
    int64_t threads, fold, draws, seed, hardest; /* draws 0: no intervals */
    double hardest_at;                           /* 0: the last of --far that can be measured */
    double at;                                   /* --threshold-out and --groups; 0: none */
    double far[MAX_FARS];
    int rule, fars;
    bool skip_missing, any_model, tsv, json, check;
    Comm *comm; /* of several processes, or NULL */
} Options;

/* A stream of embeddings, compared and measured. */
typedef struct Stream {
    Comparison comparison;
    Evaluation evaluation;
} Stream;

static void stream_release(Stream *stream)
{
    evaluation_release(&stream->evaluation);
    comparison_release(&stream->comparison);
}

/* Of all pairs by label, because a picture that occurs twice makes a genuine pair of score 1. */
static int tell_repeated(const Comparison *c, Err *err)
{
    const EmbeddingRows *rows = &c->embeddings.rows;
    int64_t pair[2];
    int64_t repeated = lookup_repeated(pair, rows, err);
    if (repeated > 0) {
        int length;
        const char *key = embedding_key(rows, pair[0], &length);
        cli_warn("%s: %s the same key as an earlier one (rows %lld and %lld: %.*s): if they "
                 "are the same picture, it is compared with itself",
                 c->input, counted(repeated, "row has", "rows have").text, (long long)pair[0],
                 (long long)pair[1], length, key);
    }
    return repeated < 0 ? -1 : 0;
}

static int tell_missing(const Comparison *c, bool skip, Err *err)
{
    NameList missing;
    int rc = comparison_missing(&missing, c, err);
    if (rc == 0)
        rc = missing_tell(&missing, c->list.images, skip, err);
    name_list_release(&missing);
    return rc;
}

static int load(Comparison *c, const char *input, const Options *o, Err *err)
{
    if (comparison_read(c, input, o->pairs, o->fold, err) != 0 ||
        any_model_check(o->any_model, &c->embeddings.model, c->input, NULL, NULL, err) != 0 ||
        tell_missing(c, o->skip_missing, err) != 0 || comparison_score(c, err) != 0)
        return -1;
    scores_share(c->scores, o->comm);
    if (!o->check)
        comparison_drop_embeddings(c);
    return o->pairs == NULL ? tell_repeated(c, err) : 0;
}

static int measure(Stream *stream, const char *input, const Options *o, Pool *pool, Err *err)
{
    EvaluationAsk ask = {.rule = (RocRule)o->rule,
                         .far = o->far,
                         .fars = o->fars,
                         .more_far = {o->hardest_at, o->at},
                         .curve = o->roc != NULL || (o->draws > 0 && o->groups == NULL)};
    if (load(&stream->comparison, input, o, err) != 0)
        return -1;
    return evaluation_measure(&stream->evaluation, &ask, &stream->comparison, pool, err);
}

/* --check: the measurement beside one in double precision. */
static int check_precision(Comparison *c, const Options *o, Pool *pool, Err *err)
{
    static Recount recount;
    Err inner = {0};
    if (load(c, o->input, o, err) != 0)
        return -1;
    if (recount_measure(&recount, o->far, o->fars, c->scores, &c->embeddings.rows, pool, &inner) !=
        0)
        return err_set(err, "%s: %s", c->input, inner.text);
    report_recount(stdout, &recount);
    return recount.agrees ? 0
                          : err_set(err,
                                    "%s: the measurement differs from double precision by more "
                                    "than rounding explains",
                                    c->input);
}

static int write_histogram(const Comparison *c, const char *path, Pool *pool, Err *err)
{
    Histogram histogram;
    Out out;
    if (histogram_count(&histogram, c->scores, pool, err) != 0 || out_open(&out, path, err) != 0)
        return -1;
    report_histogram(out.f, &histogram);
    return out_commit(&out, err);
}

/* The reading whose threshold --hardest is about. */
static const RocReading *hardest_reading(const Evaluation *v, const Options *o)
{
    const RocReading *at = evaluation_more(v, 0);
    for (int i = 0; i < v->readings && o->hardest_at == 0; i++)
        if (v->reading[i].rank > 0)
            at = &v->reading[i];
    return at;
}

static int write_hardest(const Stream *stream, const Options *o, Pool *pool, Err *err)
{
    const Comparison *c = &stream->comparison;
    const RocReading *at = hardest_reading(&stream->evaluation, o);
    Hardest hardest;
    Out out = {0};
    if (at->rank == 0)
        return err_set(err, "%s: no FAR to list wrong decisions at: each is less than one of %s",
                       c->input,
                       counted(stream->evaluation.roc.impostor, "impostor", "impostors").text);
    if (!c->embeddings.has_keys)
        return err_set(err, "%s: no column 'key' to list wrong decisions by", c->input);
    int rc = hardest_init(&hardest, at->threshold, at->above, o->hardest, pool_threads(pool), err);
    if (rc == 0)
        rc = comparison_hardest(&hardest, c, pool, err);
    if (rc == 0)
        rc = hardest_end(&hardest, err);
    if (rc == 0)
        rc = out_open(&out, o->hardest_out, err);
    if (rc == 0 && (rc = report_hardest(out.f, &hardest, &c->embeddings.rows, err)) == 0)
        rc = out_commit(&out, err);
    out_abort(&out);
    hardest_release(&hardest);
    return rc;
}

/* "lfw.emb, pairs.txt" */
static void name_data(char *name, size_t room, const Comparison *c, const Options *o)
{
    const char *input = strcmp(c->input, "-") == 0 ? "standard input" : path_base(c->input);
    if (o->data != NULL)
        snprintf(name, room, "%s", o->data);
    else
        snprintf(name, room, "%.120s%s%.120s", input, c->list_name != NULL ? ", " : "",
                 c->list_name != NULL ? path_base(c->list_name) : "");
}

/* The threshold that the convention finds at the rate of --at: at or above it, it is a match. */
static int threshold_at(float *score, const Stream *stream, const Options *o, Err *err)
{
    const RocReading *at = evaluation_more(&stream->evaluation, 1);
    if (at->rank == 0)
        return err_set(err, "%s: --at %g is less than one of %s", stream->comparison.input, o->at,
                       counted(stream->evaluation.roc.impostor, "impostor", "impostors").text);
    *score = at->above ? nextafterf(at->threshold, INFINITY) : at->threshold;
    return 0;
}

static int write_threshold(const Stream *stream, const Options *o, Pool *pool, Err *err)
{
    const Comparison *c = &stream->comparison;
    Threshold threshold = {.asked_fmr = o->at};
    Out out;
    float score;
    if (threshold_at(&score, stream, o, err) != 0)
        return -1;
    threshold.score = (double)score;
    name_data(threshold.data, sizeof threshold.data, c, o);
    strcpy(threshold.model, o->any_model ? "" : c->embeddings.model.first);
    if (error_rates_measure(&threshold.rates, score, c, o->draws > 0 ? o->draws : DRAWS, o->seed,
                            pool, err) != 0 ||
        out_open(&out, o->threshold_out, err) != 0)
        return -1;
    char *by = cli_by(c->embeddings.by);
    int rc = threshold_write(out.f, &threshold, by, err);
    free(by);
    if (rc == 0)
        return out_commit(&out, err);
    out_abort(&out);
    return -1;
}

/* --groups: the rates of each group, instead of the figures. */
static int print_groups(const Stream *stream, const Options *o, Pool *pool, Err *err)
{
    GroupList list = {0};
    GroupRates rates = {0};
    float score;
    int rc = threshold_at(&score, stream, o, err);
    if (rc == 0)
        rc = group_list_read(&list, o->groups, err);
    if (rc == 0)
        rc = groups_measure(&rates, score, &stream->comparison, &list,
                            o->draws > 0 ? o->draws : DRAWS, o->seed, pool, err);
    if (rc == 0 && rates.identities == rates.ungrouped)
        rc = err_set(err, "%s: nobody of %s is in it", list.file, stream->comparison.input);
    if (rc == 0 && o->json)
        rc = report_groups_json(stdout, &rates, err);
    else if (rc == 0 && o->tsv)
        report_groups_tsv(stdout, &rates);
    else if (rc == 0)
        report_groups_table(stdout, &rates, &stream->comparison, list.file, o->at);
    groups_release(&rates);
    group_list_release(&list);
    return rc;
}

/* The resamples of a stream; once they are measured its scores are no longer needed. */
static int resample(Uncertainty *uncertainty, Stream *stream, Pool *pool, Err *err)
{
    int rc = uncertainty_add(uncertainty, &stream->evaluation, pool, err);
    comparison_drop_scores(&stream->comparison);
    return rc;
}

/* --versus: the same of another stream. */
static int add_other(Uncertainty *uncertainty, Stream *other, const Stream *stream,
                     const Options *o, Pool *pool, Err *err)
{
    Err inner = {0};
    if (measure(other, o->versus, o, pool, err) != 0)
        return -1;
    if (comparison_same(&stream->comparison, &other->comparison, &inner) != 0)
        return err_set(err, "%s, compared with %s: %s", o->versus, stream->comparison.input,
                       inner.text);
    return resample(uncertainty, other, pool, err);
}

static int write_curve(const Evaluation *v, Uncertainty *uncertainty, const char *path, Err *err)
{
    static Interval band[ROC_CURVE_MAX];
    Out out;
    if (out_open(&out, path, err) != 0)
        return -1;
    if (uncertainty != NULL)
        uncertainty_band(band, uncertainty);
    report_curve(out.f, v, uncertainty != NULL ? band : NULL);
    return out_commit(&out, err);
}

static int print(const Evaluation *v, const Intervals *intervals, const Options *o, Err *err)
{
    if (o->json)
        return report_json(stdout, v, intervals, err);
    if (o->tsv)
        report_tsv(stdout, v, intervals);
    else
        report_table(stdout, v, intervals);
    return 0;
}

/* Standard output is taken by a list or a file. */
static bool printed_elsewhere(const Options *o)
{
    return (o->hardest > 0 && strcmp(o->hardest_out, "-") == 0) ||
           (o->threshold_out != NULL && strcmp(o->threshold_out, "-") == 0);
}

/* Measures all that is asked for, then writes it. */
static int evaluate(Stream *stream, const Options *o, Pool *pool, Err *err)
{
    static Stream other;
    Intervals intervals = {0};
    Uncertainty *uncertainty = NULL;
    int rc = measure(stream, o->input, o, pool, err);
    if (rc == 0 && o->histogram != NULL)
        rc = write_histogram(&stream->comparison, o->histogram, pool, err);
    if (rc == 0 && o->hardest > 0)
        rc = write_hardest(stream, o, pool, err);
    if (rc == 0 && o->threshold_out != NULL)
        rc = write_threshold(stream, o, pool, err);
    if (rc == 0 && o->draws > 0 && o->groups == NULL) {
        uncertainty = uncertainty_new(&stream->comparison, o->draws, o->seed, err);
        rc = uncertainty != NULL ? resample(uncertainty, stream, pool, err) : -1;
        if (rc == 0 && o->versus != NULL)
            rc = add_other(uncertainty, &other, stream, o, pool, err);
        if (rc == 0)
            rc = uncertainty_intervals(&intervals, uncertainty, err);
    }
    if (rc == 0 && o->roc != NULL)
        rc = write_curve(&stream->evaluation, uncertainty, o->roc, err);
    if (rc == 0 && o->groups != NULL && !printed_elsewhere(o))
        rc = print_groups(stream, o, pool, err);
    else if (rc == 0 && !printed_elsewhere(o))
        rc = print(&stream->evaluation, uncertainty != NULL ? &intervals : NULL, o, err);
    intervals_release(&intervals);
    uncertainty_free(uncertainty);
    stream_release(&other);
    return rc;
}

static int run(const Options *o, Err *err)
{
    static Stream stream;
    Pool *pool = pool_new((int)o->threads, err);
    int rc = -1;
    if (pool != NULL)
        rc = o->check ? check_precision(&stream.comparison, o, pool, err)
                      : evaluate(&stream, o, pool, err);
    pool_free(pool);
    stream_release(&stream);
    return rc;
}

/* Files and figures come from the first process. */
static void leave_output(Options *o)
{
    if (comm_rank(o->comm) == 0)
        return;
    o->roc = o->roc != NULL ? "/dev/null" : NULL;
    o->histogram = o->histogram != NULL ? "/dev/null" : NULL;
    o->threshold_out = o->threshold_out != NULL ? "/dev/null" : NULL;
    o->hardest_out = "/dev/null";
    if (freopen("/dev/null", "w", stdout) == NULL)
        cli_misuse("cannot open /dev/null");
}

static int begin_processes(Options *o, Err *err)
{
    const char *file[] = {o->input, o->versus, o->pairs, o->groups};
    if (cli_processes(&o->comm, err) != 0)
        return -1;
    for (int i = 0; i < 4 && o->comm != NULL; i++)
        if (file[i] != NULL && strcmp(file[i], "-") == 0)
            return err_set(err,
                           "several processes each read all files, of which none can be standard "
                           "input");
    leave_output(o);
    return 0;
}

static void end_processes(const Options *o, int status)
{
    if (o->comm != NULL && status != CLI_OK)
        comm_abort(o->comm, status);
    comm_free(o->comm);
}

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

int main(int argc, char **argv)
{
    Options o = {.seed = 1, .hardest_out = "-"};
    const char *far = "1e-1,1e-2,1e-3,1e-4,1e-5,1e-6";
    CliOption table[] = {
        CLI_FILE('p', "pairs", "FILE", &o.pairs, "compare the pairs of this list, like LFW's"),
        ANY_MODEL_OPTION(o.any_model),
        CLI_FLAG(0, "skip-missing", &o.skip_missing, "leave out pairs whose images are missing"),
        CLI_INT(0, "fold", "K", &o.fold, 1, INT32_MAX, "evaluate fold K of the list only"),
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
        CLI_OUT(0, "threshold-out", "FILE", &o.threshold_out,
                "write a threshold to FILE, for face-search and others"),
        CLI_REAL(0, "at", "FMR", &o.at, 1e-18, 1, "the false match rate of that threshold"),
        CLI_FILE(0, "groups", "FILE", &o.groups,
                 "error rates of the groups of people in FILE, at one threshold"),
        CLI_TEXT(0, "data", "NAME", &o.data, "what the threshold calls the data"),
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
    int rc = begin_processes(&o, &err);
    if (rc == 0)
        rc = run(&o, &err);
    int status = rc == 0 ? cli_done() : cli_fail(&err);
    end_processes(&o, status);
    return status;
}
