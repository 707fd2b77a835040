/* eval-roc: embeddings in, TAR at FAR, EER, AUC and accuracy out */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "cli.h"
#include "eval/load.h"
#include "eval/pairs.h"
#include "eval/report.h"

enum { MAX_FARS = 64, MAX_LISTED = 10 };

static Cli cli = {.name = "eval-roc",
                  .operands = "[EMBEDDINGS]",
                  .summary = "Measures how well embeddings tell people apart.",
                  .blas = true};

typedef struct Options {
    const char *input, *pairs, *far, *roc;
    int64_t fold, threads;
    int rule;
    bool skip_missing, tsv, json;
} Options;

/* The pairs of a list that can be scored. */
typedef struct Listed {
    PairList list;
    int64_t (*row)[2];
    float *score;
    bool *same;
    int *fold;
    int64_t n;
} Listed;

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

/* Names the images that are not there: all, or when that is the end of it the first few. */
static int tell_missing(const PairList *list, int64_t missing, bool skip, Err *err)
{
    int64_t told = 0;
    for (int64_t i = 0; i < list->images && (skip || told < MAX_LISTED); i++) {
        const PairImage *image = &list->image[i];
        if (image->row >= 0)
            continue;
        cli_warn("no embedding of %.*s_%04d", image->length, image->name, (int)image->number);
        told++;
    }
    if (missing == 0 || skip)
        return 0;
    return err_set(err, "%lld of %lld images are missing (--skip-missing leaves their pairs out)",
                   (long long)missing, (long long)list->images);
}

static int take_pairs(Listed *listed, Report *report, const EvalRows *rows, Err *err)
{
    const PairList *list = &listed->list;
    size_t n = (size_t)list->pairs;
    listed->row = malloc(n * sizeof *listed->row);
    listed->score = malloc(n * sizeof *listed->score);
    listed->same = malloc(n * sizeof *listed->same);
    listed->fold = malloc(n * sizeof *listed->fold);
    if (!listed->row || !listed->score || !listed->same || !listed->fold)
        return err_memory(err, "pairs", n * 25);
    for (int64_t i = 0; i < list->pairs; i++) {
        const FacePair *pair = &list->pair[i];
        int64_t a = list->image[pair->image[0]].row, b = list->image[pair->image[1]].row;
        if (a < 0 || b < 0) {
            report->skipped_pairs++;
            continue;
        }
        listed->row[listed->n][0] = a;
        listed->row[listed->n][1] = b;
        listed->same[listed->n] = pair->same;
        listed->fold[listed->n++] = pair->fold;
    }
    return eval_pair_scores(listed->score, rows, (const int64_t(*)[2])listed->row, listed->n, err);
}

static Accuracy only_fold(const Fold *fold, int64_t k)
{
    Accuracy a = {0, NAN, NAN};
    if (!isnan(fold[k - 1].accuracy))
        a = (Accuracy){1, fold[k - 1].accuracy, NAN};
    return a;
}

static int measure_folds(Report *report, const Listed *listed, Err *err)
{
    FoldScores scores = {listed->n, listed->score, listed->same, listed->fold, listed->list.folds};
    if (scores.folds < 2)
        return 0;
    report->insightface_fold = calloc((size_t)scores.folds, sizeof(Fold));
    report->facexzoo_fold = calloc((size_t)scores.folds, sizeof(Fold));
    if (report->insightface_fold == NULL || report->facexzoo_fold == NULL)
        return err_memory(err, "folds", 2 * (size_t)scores.folds * sizeof(Fold));
    report->folds = scores.folds;
    report->insightface = folds_insightface(report->insightface_fold, &scores);
    report->facexzoo = folds_facexzoo(report->facexzoo_fold, &scores);
    if (report->fold > 0) {
        report->insightface = only_fold(report->insightface_fold, report->fold);
        report->facexzoo = only_fold(report->facexzoo_fold, report->fold);
    }
    return 0;
}

/* Only the scores of this fold stay, in front. */
static void keep_fold(Listed *listed, int64_t fold)
{
    int64_t n = 0;
    for (int64_t i = 0; i < listed->n; i++)
        if (listed->fold[i] == fold - 1) {
            listed->score[n] = listed->score[i];
            listed->same[n++] = listed->same[i];
        }
    listed->n = n;
}

static void release_listed(Listed *listed)
{
    pairs_free(&listed->list);
    free(listed->row);
    free(listed->score);
    free(listed->same);
    free(listed->fold);
}

static Scores *score_list(Report *report, const Embeddings *e, const Options *o, Err *err)
{
    Listed listed = {0};
    Scores *scores = NULL;
    if (pairs_read(&listed.list, o->pairs, err) != 0)
        return NULL;
    if (o->fold > listed.list.folds) {
        err_set(err, "%s has %d folds, not %lld", o->pairs, listed.list.folds, (long long)o->fold);
        goto done;
    }
    if (!e->has_keys) {
        err_set(err, "%s: no column 'key', by which the images of pairs are found", report->input);
        goto done;
    }
    report->missing = pairs_match(&listed.list, &e->rows, err);
    if (report->missing < 0 ||
        tell_missing(&listed.list, report->missing, o->skip_missing, err) != 0 ||
        take_pairs(&listed, report, &e->rows, err) != 0 || measure_folds(report, &listed, err) != 0)
        goto done;
    if (o->fold > 0)
        keep_fold(&listed, o->fold);
    scores = scores_listed(listed.score, listed.same, listed.n, err);
done:
    release_listed(&listed);
    return scores;
}

static Scores *score_labels(Report *report, const Embeddings *e, Err *err)
{
    if (!e->has_labels && e->rows.n > 0) {
        err_set(err, "%s: no column 'label'; a list of pairs can be given with --pairs",
                report->input);
        return NULL;
    }
    for (int64_t i = 0; i < e->rows.n; i++)
        report->unlabelled += e->label[i] < 0;
    return scores_all_pairs(&e->rows, err);
}

/* The scores of all pairs or of the list; the embeddings are not needed after that. */
static Scores *load_scores(Report *report, const Options *o, Err *err)
{
    Embeddings e;
    if (embeddings_load(&e, o->input, err) != 0)
        return NULL;
    report->by = e.by;
    report->rows = e.rows.n;
    report->d = e.rows.d;
    Scores *scores =
        o->pairs != NULL ? score_list(report, &e, o, err) : score_labels(report, &e, err);
    e.by = NULL; /* the report keeps it */
    embeddings_free(&e);
    return scores;
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
    int64_t rank[ROC_CURVE_MAX + MAX_FARS], impostors = scores_impostor(scores);
    RocVertex vertex[ROC_CURVE_MAX + MAX_FARS];
    int curve = o->roc != NULL ? roc_curve_ranks(rank, impostors) : 0, n = curve;
    if (impostors + scores_genuine(scores) == 0)
        return err_set(err, "%s: no pairs to compare", report->input);
    for (int i = 0; i < report->points; i++) {
        report->point[i].rank = roc_rule_rank(report->rule, report->point[i].far, impostors);
        if (report->point[i].rank > 0)
            rank[n++] = report->point[i].rank;
    }
    Pool *pool = pool_new((int)o->threads, err);
    int rc = pool != NULL ? roc_measure(&report->roc, vertex, rank, n, scores, pool, err) : -1;
    pool_free(pool);
    if (rc != 0)
        return -1;
    for (int i = 0, k = curve; i < report->points; i++)
        if (report->point[i].rank > 0)
            report->point[i].at =
                roc_read(report->rule, report->point[i].far, &report->roc, &vertex[k++]);
    return o->roc != NULL ? write_curve(report, vertex, curve, o->roc, err) : 0;
}

static int run(Report *report, const Options *o, Err *err)
{
    Scores *scores = load_scores(report, o, err);
    int rc = scores != NULL ? measure(report, scores, o, err) : -1;
    scores_free(scores);
    if (rc != 0)
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
        CLI_FILE('p', "pairs", "FILE", &o.pairs, "compare the pairs of this list, like LFW's"),
        CLI_FLAG(0, "skip-missing", &o.skip_missing, "leave out pairs whose images are missing"),
        CLI_INT(0, "fold", "K", &o.fold, 1, INT32_MAX, "evaluate fold K of the list only"),
        CLI_TEXT(0, "far", "LIST", &o.far, "false accept rates, apart by commas"),
        CLI_CHOICE(0, "convention", "blufr|nearest|conservative", &o.rule, "how TAR is read"),
        CLI_FLAG(0, "tsv", &o.tsv, "print a line a figure, fields apart by tabs"),
        CLI_FLAG(0, "json", &o.json, "print JSON"),
        CLI_PATH(0, "roc", "FILE", &o.roc, "write the ROC curve to FILE, as TSV"),
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
    if (o.pairs == NULL && (o.fold > 0 || o.skip_missing))
        cli_misuse("--fold and --skip-missing need --pairs");
    o.input = operand < argc ? argv[operand] : "-";
    Report report = {.input = strcmp(o.input, "-") == 0 ? "standard input" : o.input,
                     .pairs = o.pairs,
                     .fold = (int)o.fold,
                     .rule = (RocRule)o.rule,
                     .point = point,
                     .points = parse_fars(point, o.far)};
    int rc = run(&report, &o, &err);
    free((char *)report.by);
    free(report.insightface_fold);
    free(report.facexzoo_fold);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
