#include "report/evaluation_internal.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/escape_internal.h"
#include "base/jansson_internal.h"
#include "report/failures_internal.h"
#include "report/intervals_internal.h"
#include "report/value_internal.h"

static double share(int64_t part, int64_t whole)
{
    return (double)part / (double)whole;
}

static bool measurable(const Evaluation *v, const RocReading *p)
{
    return p->rank > 0 && v->roc.genuine > 0;
}

/* The provenance, a line a tool. */
static void print_by(FILE *out, const char *by)
{
    const char *title = "made by";
    for (const char *line = by; *line != '\0'; title = "") {
        int length = (int)strcspn(line, "\n");
        fprintf(out, "%-12s", title);
        escape_put(out, line, (size_t)length);
        fputc('\n', out);
        line += length + (line[length] == '\n');
    }
}

static void print_counts(FILE *out, const Evaluation *v)
{
    const Comparison *c = v->comparison;
    if (c->given) {
        fprintf(out, "%-12s", "scores");
        escape_put(out, c->input, strlen(c->input));
        fprintf(out, ": %lld genuine, %lld impostor\n", (long long)v->roc.genuine,
                (long long)v->roc.impostor);
        return;
    }
    fprintf(out, "%-12s", "embeddings");
    escape_put(out, c->input, strlen(c->input));
    fprintf(out, ": %s, %s\n", counted(c->rows, "embedding", "embeddings").text,
            counted(c->d, "dimension", "dimensions").text);
    print_by(out, c->embeddings.by);
    fprintf(out, "%-12s", "pairs");
    if (c->list_name == NULL)
        fprintf(out, "all by label");
    if (c->list_name != NULL && c->fold > 0)
        fprintf(out, "fold %d of ", c->fold);
    if (c->list_name != NULL)
        escape_put(out, c->list_name, strlen(c->list_name));
    fprintf(out, ": %lld genuine, %lld impostor\n", (long long)v->roc.genuine,
            (long long)v->roc.impostor);
    if (c->unlabelled > 0)
        fprintf(out, "%-12s%s without a label\n", "left out",
                counted(c->unlabelled, "row", "rows").text);
    if (c->missing > 0)
        fprintf(out, "%-12s%s, because of %s\n", "left out",
                counted(c->skipped, "pair", "pairs").text,
                counted(c->missing, "missing image", "missing images").text);
    if (c->failures.file != NULL)
        report_failures_counts(out, &c->failures);
}

/* The interval in the table; nothing without intervals. */
static void print_interval(FILE *out, const Intervals *intervals, int figure)
{
    char text[INTERVAL_TEXT];
    if (intervals == NULL)
        return;
    interval_text(text, &intervals->figure[figure].interval, 1, 6);
    fprintf(out, "%-24s", text);
}

static void print_point(FILE *out, const Evaluation *v, const RocReading *p,
                        const Intervals *intervals)
{
    fprintf(out, "%-12g", p->far);
    if (p->rank == 0)
        fprintf(out, "not measurable: less than one of %s\n",
                counted(v->roc.impostor, "impostor", "impostors").text);
    else if (v->roc.genuine == 0)
        fprintf(out, "not measurable: no genuine pair\n");
    else {
        fprintf(out, "%-10.6f", p->tar);
        print_interval(out, intervals, (int)(p - v->reading));
        if (p->accepted < 0)
            fprintf(out, "%-11.6f-\n", p->threshold);
        else
            fprintf(out, "%-11.6f%lld\n", p->threshold, (long long)p->accepted);
    }
}

static void print_accuracy(FILE *out, const char *rule, const Accuracy *a, const char *spread,
                           const UncertainFigure *figure)
{
    char text[INTERVAL_TEXT];
    fprintf(out, "%-12s", "accuracy");
    if (a->folds == 0)
        fprintf(out, "not measurable");
    else if (isnan(a->spread))
        fprintf(out, "%.3f %%", 100 * a->mean);
    else
        fprintf(out, "%.3f +- %.3f %%", 100 * a->mean, 100 * a->spread);
    fprintf(out, "  %s's rule, %s%s", rule, counted(a->folds, "fold", "folds").text,
            isnan(a->spread) ? "" : spread);
    if (figure != NULL && !isnan(figure->interval.low)) {
        interval_text(text, &figure->interval, 100, 3);
        fprintf(out, ", interval %s", text);
    }
    fputc('\n', out);
}

static void print_val(FILE *out, const Evaluation *v)
{
    fprintf(out, "%-12s", "VAL");
    if (v->folds.validation.folds == 0)
        fprintf(out, "not measurable");
    else if (isnan(v->folds.validation.spread))
        fprintf(out, "%.3f %%", 100 * v->folds.validation.mean);
    else
        fprintf(out, "%.3f +- %.3f %%", 100 * v->folds.validation.mean,
                100 * v->folds.validation.spread);
    fprintf(out, "  at FAR %g on the other folds", v->folds.validation_far);
    if (v->folds.validation.folds > 0)
        fprintf(out, ", %g on its own", v->folds.validation.far);
    fprintf(out, "; InsightFace's rule\n");
}

static const char *rule_text(RocRule rule)
{
    switch (rule) {
    case ROC_NEAREST:
        return "TAR at the nearest point of the ROC (scikit-learn's, drop_intermediate=False): its "
               "FAR may\nexceed the one requested; the threshold is the lowest score accepted.";
    case ROC_DROPPED:
        return "TAR at the nearest point of scikit-learn's default ROC, drop_intermediate=True: "
               "its FAR may be\nfar from the one requested; the threshold is the lowest score "
               "accepted.";
    case ROC_HISTOGRAM:
        return "TAR interpolated linearly in FAR between the edges of 5000 bins of scores from -1 "
               "to 1.";
    case ROC_CONSERVATIVE:
        return "TAR by the conservative convention: the fraction of genuine scores strictly above "
               "the (k+1)-th\nlargest impostor score, k = FAR x impostors, rounded down.";
    default:
        return "TAR by BLUFR's convention: the fraction of genuine scores at or above the k-th "
               "largest impostor\nscore, k = FAR x impostors, rounded.";
    }
}

void report_table(FILE *out, const Evaluation *v, const Intervals *intervals)
{
    print_counts(out, v);
    fprintf(out, "\n%-12s%-10s", "FAR", "TAR");
    if (intervals != NULL)
        fprintf(out, "%-24s", "95 % interval");
    fprintf(out, "%-11s%s\n", "threshold", "impostors accepted");
    for (int i = 0; i < v->readings; i++)
        print_point(out, v, &v->reading[i], intervals);
    fputc('\n', out);
    if (isnan(v->roc.eer))
        fprintf(out, "%-12snot measurable\n%-12snot measurable\n", "EER", "AUC");
    else {
        fprintf(out, "%-12s%-10.6f", "EER", v->roc.eer);
        print_interval(out, intervals, v->readings);
        fprintf(out, "%.6f\n%-12s%.6f\n", v->roc.eer_threshold, "AUC", v->roc.auc);
    }
    if (v->folds.folds > 0) {
        const UncertainFigure *figure = intervals ? &intervals->figure[v->readings + 1] : NULL;
        print_accuracy(out, "InsightFace", &v->folds.insightface, ", population deviation", figure);
        print_accuracy(out, "FaceX-Zoo", &v->folds.facexzoo, ", standard error",
                       figure ? figure + 1 : NULL);
        print_val(out, v);
    }
    if (v->comparison->failures.file != NULL)
        report_failures_table(out, v);
    if (intervals != NULL)
        intervals_table(out, intervals);
    fprintf(out, "\n%s\nEER interpolated between the two neighbouring points of the ROC.%s\n",
            rule_text(v->rule), v->comparison->given ? "" : " Scores are cosines.");
}

/* Ends a line with the interval of a figure, -1 for none. */
static void tsv_end(FILE *out, const Intervals *intervals, int figure)
{
    if (intervals != NULL) {
        value_tsv(out, figure >= 0 ? intervals->figure[figure].interval.low : NAN);
        value_tsv(out, figure >= 0 ? intervals->figure[figure].interval.high : NAN);
    }
    fputc('\n', out);
}

static void tsv_line(FILE *out, const Intervals *intervals, int figure, const char *measure,
                     const double value[5], const char *convention)
{
    fputs(measure, out);
    for (int i = 0; i < 5; i++)
        value_tsv(out, value[i]);
    fprintf(out, "\t%s", convention);
    tsv_end(out, intervals, figure);
}

static void tsv_count(FILE *out, const Intervals *intervals, const char *measure, int64_t count)
{
    fputs(measure, out);
    value_tsv_none(out, 1);
    fprintf(out, "\t%lld", (long long)count);
    value_tsv_none(out, 4);
    tsv_end(out, intervals, -1);
}

static void tsv_failures(FILE *out, const Evaluation *v, const Intervals *intervals)
{
    const Failures *f = &v->comparison->failures;
    tsv_count(out, intervals, "failed", f->faces);
    tsv_count(out, intervals, "failed-unlabelled", f->unlabelled);
    tsv_count(out, intervals, "failed-genuine", f->genuine);
    tsv_count(out, intervals, "failed-impostor", f->impostor);
    tsv_line(out, intervals, -1, "fta",
             (double[]){NAN, failures_to_acquire(f).value, NAN, NAN, NAN}, "faces");
    for (int i = 0; i < v->readings; i++) {
        TransactionRates rates = report_failures_at(v, &v->reading[i]);
        double at = v->reading[i].far;
        tsv_line(out, intervals, -1, "far", (double[]){at, rates.far.value, NAN, NAN, NAN},
                 "failures-rejected");
        tsv_line(out, intervals, -1, "frr", (double[]){at, rates.frr.value, NAN, NAN, NAN},
                 "failures-rejected");
    }
}

void report_tsv(FILE *out, const Evaluation *v, const Intervals *intervals)
{
    const Comparison *c = v->comparison;
    fputs("measure\tat\tvalue\tspread\tthreshold\timpostors_accepted\tconvention", out);
    fputs(intervals != NULL ? "\tlow\thigh\n" : "\n", out);
    tsv_count(out, intervals, "rows", c->rows);
    tsv_count(out, intervals, "genuine", v->roc.genuine);
    tsv_count(out, intervals, "impostor", v->roc.impostor);
    tsv_count(out, intervals, "unlabelled", c->unlabelled);
    tsv_count(out, intervals, "missing", c->missing);
    for (int i = 0; i < v->readings; i++) {
        const RocReading *p = &v->reading[i];
        bool known = measurable(v, p);
        tsv_line(out, intervals, i, "tar",
                 (double[]){p->far, known ? p->tar : NAN, NAN, known ? p->threshold : NAN,
                            known && p->accepted >= 0 ? (double)p->accepted : NAN},
                 roc_rule_name(v->rule));
    }
    tsv_line(out, intervals, v->readings, "eer",
             (double[]){NAN, v->roc.eer, NAN, v->roc.eer_threshold, NAN}, "interpolated");
    tsv_line(out, intervals, -1, "auc", (double[]){NAN, v->roc.auc, NAN, NAN, NAN}, "ties-half");
    if (v->folds.folds > 0) {
        tsv_line(out, intervals, v->readings + 1, "accuracy",
                 (double[]){NAN, v->folds.insightface.mean, v->folds.insightface.spread, NAN, NAN},
                 "insightface");
        tsv_line(out, intervals, v->readings + 2, "accuracy",
                 (double[]){NAN, v->folds.facexzoo.mean, v->folds.facexzoo.spread, NAN, NAN},
                 "facexzoo");
        tsv_line(out, intervals, -1, "val",
                 (double[]){v->folds.validation_far, v->folds.validation.mean,
                            v->folds.validation.spread, NAN, NAN},
                 "insightface");
        tsv_line(out, intervals, -1, "val-far",
                 (double[]){v->folds.validation_far, v->folds.validation.far, NAN, NAN, NAN},
                 "insightface");
    }
    if (c->failures.file != NULL)
        tsv_failures(out, v, intervals);
    if (intervals != NULL)
        intervals_tsv(out, intervals);
}

static json_t *json_points(const Evaluation *v)
{
    json_t *array = json_array();
    for (int i = 0; i < v->readings; i++) {
        const RocReading *p = &v->reading[i];
        bool known = measurable(v, p);
        json_array_append_new(
            array, json_pack("{s:f, s:o, s:o, s:o, s:s}", "far", p->far, "tar",
                             value_json(known ? p->tar : NAN), "threshold",
                             value_json(known ? p->threshold : NAN), "impostors_accepted",
                             known && p->accepted >= 0 ? json_integer(p->accepted) : json_null(),
                             "convention", roc_rule_name(v->rule)));
    }
    return array;
}

static json_t *json_accuracy(const char *rule, const char *spread, const Accuracy *a,
                             const FoldAccuracy *fold, int folds)
{
    json_t *each = json_array();
    for (int i = 0; i < folds; i++)
        json_array_append_new(each, json_pack("{s:I, s:o, s:o}", "pairs", (json_int_t)fold[i].pairs,
                                              "accuracy", value_json(fold[i].accuracy), "threshold",
                                              value_json(fold[i].threshold)));
    return json_pack("{s:s, s:i, s:o, s:o, s:s, s:o}", "convention", rule, "folds", a->folds,
                     "mean", value_json(a->mean), "spread", value_json(a->spread), "spread_is",
                     spread, "fold", each);
}

static json_t *json_accuracies(const Evaluation *v)
{
    json_t *array = json_array();
    if (v->folds.folds > 0) {
        json_array_append_new(array, json_accuracy("insightface", "population deviation",
                                                   &v->folds.insightface, v->folds.insightface_fold,
                                                   v->folds.folds));
        json_array_append_new(array, json_accuracy("facexzoo", "standard error", &v->folds.facexzoo,
                                                   v->folds.facexzoo_fold, v->folds.folds));
    }
    return array;
}

static json_t *json_val(const Evaluation *v)
{
    if (v->folds.folds == 0)
        return json_null();
    return json_pack("{s:s, s:i, s:f, s:o, s:o, s:o, s:s}", "convention", "insightface", "folds",
                     v->folds.validation.folds, "far", v->folds.validation_far, "mean",
                     value_json(v->folds.validation.mean), "spread",
                     value_json(v->folds.validation.spread), "far_measured",
                     value_json(v->folds.validation.far), "spread_is", "population deviation");
}

/* The intervals, each beside its figure, and how they were made. */
static void json_intervals(json_t *root, const Evaluation *v, const Intervals *intervals)
{
    const UncertainFigure *figure = intervals->figure;
    for (int i = 0; i < v->readings; i++)
        json_object_set_new(json_array_get(json_object_get(root, "tar"), (size_t)i), "interval",
                            interval_json(&figure[i].interval));
    json_object_set_new(json_object_get(root, "eer"), "interval",
                        interval_json(&figure[v->readings].interval));
    for (int i = 0; v->folds.folds > 0 && i < 2; i++)
        json_object_set_new(json_array_get(json_object_get(root, "accuracy"), (size_t)i),
                            "interval", interval_json(&figure[v->readings + 1 + i].interval));
    json_object_set_new(root, "bootstrap", intervals_json(intervals));
}

int report_json(FILE *out, const Evaluation *v, const Intervals *intervals, Err *err)
{
    const Comparison *c = v->comparison;
    jansson_watch();
    json_t *pairs = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o}", "from",
                              c->list_name ? c->list_name : "labels", "genuine",
                              (json_int_t)v->roc.genuine, "impostor", (json_int_t)v->roc.impostor,
                              "unlabelled_rows", (json_int_t)c->unlabelled, "missing_images",
                              (json_int_t)c->missing, "skipped_pairs", (json_int_t)c->skipped,
                              "fold", c->fold > 0 ? json_integer(c->fold) : json_null());
    json_t *root = json_pack(
        "{s:s, s:s, s:I, s:I, s:o, s:o, s:{s:o, s:o, s:s}, s:{s:o, s:s}, s:o}", "input", c->input,
        "by", c->embeddings.by, "rows", (json_int_t)c->rows, "dimensions", (json_int_t)c->d,
        "pairs", pairs, "tar", json_points(v), "eer", "value", value_json(v->roc.eer), "threshold",
        value_json(v->roc.eer_threshold), "convention", "interpolated", "auc", "value",
        value_json(v->roc.auc), "convention", "ties-half", "accuracy", json_accuracies(v));
    json_object_set_new(root, "val", json_val(v));
    if (c->failures.file != NULL)
        json_object_set_new(root, "failures", report_failures_readings_json(v));
    if (root != NULL && intervals != NULL)
        json_intervals(root, v, intervals);
    return value_json_write(out, root, 12, "the report as JSON", err);
}

static void curve_point(FILE *out, const Evaluation *v, int64_t impostor, int64_t genuine,
                        double at)
{
    fprintf(out, "%.9g\t%.9g", share(impostor, v->roc.impostor), share(genuine, v->roc.genuine));
    value_tsv(out, at);
    fprintf(out, "\t%lld\t%lld", (long long)impostor, (long long)genuine);
}

static void curve_end(FILE *out, const Interval *band, int i)
{
    if (band != NULL) {
        value_tsv(out, i >= 0 ? band[i].low : NAN);
        value_tsv(out, i >= 0 ? band[i].high : NAN);
    }
    fputc('\n', out);
}

void report_curve(FILE *out, const Evaluation *v, const Interval *band)
{
    const RocVertex *vertex = v->curve;
    int n = v->vertices;
    fputs("far\ttar\tthreshold\timpostors\tgenuine", out);
    fputs(band != NULL ? "\tlow\thigh\n" : "\n", out);
    if (n == 0 || v->roc.genuine == 0)
        return;
    curve_point(out, v, 0, vertex[0].genuine_above, NAN);
    curve_end(out, band, -1);
    int64_t drawn = 0; /* ties give several ranks one vertex */
    for (int i = 0; i < n; i++) {
        if (vertex[i].impostor_at_least == drawn)
            continue;
        drawn = vertex[i].impostor_at_least;
        curve_point(out, v, drawn, vertex[i].genuine_at_least, vertex[i].threshold);
        curve_end(out, band, i);
    }
    if (vertex[n - 1].genuine_at_least < v->roc.genuine) {
        curve_point(out, v, v->roc.impostor, v->roc.genuine, NAN);
        curve_end(out, band, -1);
    }
}
