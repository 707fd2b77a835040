#include "report/verification.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "report/value_internal.h"

static double share(int64_t part, int64_t whole)
{
    return (double)part / (double)whole;
}

static bool measurable(const Report *r, const ReportPoint *p)
{
    return p->rank > 0 && r->roc.genuine > 0;
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

static void print_counts(FILE *out, const Report *r)
{
    fprintf(out, "%-12s", "embeddings");
    escape_put(out, r->input, strlen(r->input));
    fprintf(out, ": %lld embeddings, %lld dimensions\n", (long long)r->rows, (long long)r->d);
    print_by(out, r->by);
    fprintf(out, "%-12s", "pairs");
    if (r->pairs == NULL)
        fprintf(out, "all by label");
    if (r->pairs != NULL && r->fold > 0)
        fprintf(out, "fold %d of ", r->fold);
    if (r->pairs != NULL)
        escape_put(out, r->pairs, strlen(r->pairs));
    fprintf(out, ": %lld genuine, %lld impostor\n", (long long)r->roc.genuine,
            (long long)r->roc.impostor);
    if (r->unlabelled > 0)
        fprintf(out, "%-12s%lld rows without a label\n", "left out", (long long)r->unlabelled);
    if (r->missing > 0)
        fprintf(out, "%-12s%lld pairs, because of %lld missing images\n", "left out",
                (long long)r->skipped_pairs, (long long)r->missing);
}

/* Its place in the table: nothing without intervals. */
static void print_interval(FILE *out, const Report *r, int figure)
{
    char text[INTERVAL_TEXT];
    if (r->intervals == NULL)
        return;
    interval_text(text, &r->intervals->figure[figure].interval, 1, 6);
    fprintf(out, "%-24s", text);
}

static void print_point(FILE *out, const Report *r, const ReportPoint *p)
{
    fprintf(out, "%-12g", p->far);
    if (p->rank == 0)
        fprintf(out, "not measurable: less than one of %lld impostors\n",
                (long long)r->roc.impostor);
    else if (r->roc.genuine == 0)
        fprintf(out, "not measurable: no genuine pair\n");
    else {
        fprintf(out, "%-10.6f", p->at.tar);
        print_interval(out, r, (int)(p - r->point));
        if (p->at.accepted < 0)
            fprintf(out, "%-11.6f-\n", p->at.threshold);
        else
            fprintf(out, "%-11.6f%lld\n", p->at.threshold, (long long)p->at.accepted);
    }
}

static void print_accuracy(FILE *out, const char *rule, const Accuracy *a, const char *spread,
                           const Figure *figure)
{
    char text[INTERVAL_TEXT];
    fprintf(out, "%-12s", "accuracy");
    if (a->folds == 0)
        fprintf(out, "not measurable");
    else if (isnan(a->spread))
        fprintf(out, "%.3f %%", 100 * a->mean);
    else
        fprintf(out, "%.3f +- %.3f %%", 100 * a->mean, 100 * a->spread);
    fprintf(out, "  %s's rule, %d fold%s%s", rule, a->folds, a->folds == 1 ? "" : "s",
            isnan(a->spread) ? "" : spread);
    if (figure != NULL && !isnan(figure->interval.low)) {
        interval_text(text, &figure->interval, 100, 3);
        fprintf(out, ", interval %s", text);
    }
    fputc('\n', out);
}

static void print_val(FILE *out, const Report *r)
{
    fprintf(out, "%-12s", "VAL");
    if (r->val.folds == 0)
        fprintf(out, "not measurable");
    else if (isnan(r->val.spread))
        fprintf(out, "%.3f %%", 100 * r->val.mean);
    else
        fprintf(out, "%.3f +- %.3f %%", 100 * r->val.mean, 100 * r->val.spread);
    fprintf(out, "  at FAR %g on the other folds", r->val_far);
    if (r->val.folds > 0)
        fprintf(out, ", %g on its own", r->val.far);
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

void report_table(FILE *out, const Report *r)
{
    print_counts(out, r);
    fprintf(out, "\n%-12s%-10s", "FAR", "TAR");
    if (r->intervals != NULL)
        fprintf(out, "%-24s", "95 % interval");
    fprintf(out, "%-11s%s\n", "threshold", "impostors accepted");
    for (int i = 0; i < r->points; i++)
        print_point(out, r, &r->point[i]);
    fputc('\n', out);
    if (isnan(r->roc.eer))
        fprintf(out, "%-12snot measurable\n%-12snot measurable\n", "EER", "AUC");
    else {
        fprintf(out, "%-12s%-10.6f", "EER", r->roc.eer);
        print_interval(out, r, r->points);
        fprintf(out, "%-11.6f\n%-12s%-10.6f\n", r->roc.eer_threshold, "AUC", r->roc.auc);
    }
    if (r->folds > 0) {
        const Figure *figure = r->intervals ? &r->intervals->figure[r->points + 1] : NULL;
        print_accuracy(out, "InsightFace", &r->insightface, ", population deviation", figure);
        print_accuracy(out, "FaceX-Zoo", &r->facexzoo, ", standard error",
                       figure ? figure + 1 : NULL);
        print_val(out, r);
    }
    if (r->intervals != NULL)
        intervals_table(out, r->intervals);
    fprintf(out,
            "\n%s\nEER interpolated between the two neighbouring points of the ROC. Scores are "
            "cosines.\n",
            rule_text(r->rule));
}

/* Ends a line with the interval of a figure, -1 for none. */
static void tsv_end(FILE *out, const Report *r, int figure)
{
    if (r->intervals != NULL) {
        value_tsv(out, figure >= 0 ? r->intervals->figure[figure].interval.low : NAN);
        value_tsv(out, figure >= 0 ? r->intervals->figure[figure].interval.high : NAN);
    }
    fputc('\n', out);
}

static void tsv_line(FILE *out, const Report *r, int figure, const char *measure,
                     const double value[5], const char *convention)
{
    fputs(measure, out);
    for (int i = 0; i < 5; i++)
        value_tsv(out, value[i]);
    fprintf(out, "\t%s", convention);
    tsv_end(out, r, figure);
}

static void tsv_count(FILE *out, const Report *r, const char *measure, int64_t count)
{
    fprintf(out, "%s\tNA\t%lld\tNA\tNA\tNA\tNA", measure, (long long)count);
    tsv_end(out, r, -1);
}

void report_tsv(FILE *out, const Report *r)
{
    fputs("measure\tat\tvalue\tspread\tthreshold\timpostors_accepted\tconvention", out);
    fputs(r->intervals != NULL ? "\tlow\thigh\n" : "\n", out);
    tsv_count(out, r, "rows", r->rows);
    tsv_count(out, r, "genuine", r->roc.genuine);
    tsv_count(out, r, "impostor", r->roc.impostor);
    tsv_count(out, r, "unlabelled", r->unlabelled);
    tsv_count(out, r, "missing", r->missing);
    for (int i = 0; i < r->points; i++) {
        const ReportPoint *p = &r->point[i];
        bool known = measurable(r, p);
        tsv_line(out, r, i, "tar",
                 (double[]){p->far, known ? p->at.tar : NAN, NAN, known ? p->at.threshold : NAN,
                            known && p->at.accepted >= 0 ? (double)p->at.accepted : NAN},
                 roc_rule_name(r->rule));
    }
    tsv_line(out, r, r->points, "eer", (double[]){NAN, r->roc.eer, NAN, r->roc.eer_threshold, NAN},
             "interpolated");
    tsv_line(out, r, -1, "auc", (double[]){NAN, r->roc.auc, NAN, NAN, NAN}, "ties-half");
    if (r->folds > 0) {
        tsv_line(out, r, r->points + 1, "accuracy",
                 (double[]){NAN, r->insightface.mean, r->insightface.spread, NAN, NAN},
                 "insightface");
        tsv_line(out, r, r->points + 2, "accuracy",
                 (double[]){NAN, r->facexzoo.mean, r->facexzoo.spread, NAN, NAN}, "facexzoo");
        tsv_line(out, r, -1, "val", (double[]){r->val_far, r->val.mean, r->val.spread, NAN, NAN},
                 "insightface");
        tsv_line(out, r, -1, "val-far", (double[]){r->val_far, r->val.far, NAN, NAN, NAN},
                 "insightface");
    }
    if (r->intervals != NULL)
        intervals_tsv(out, r->intervals);
}

static json_t *json_points(const Report *r)
{
    json_t *array = json_array();
    for (int i = 0; i < r->points; i++) {
        const ReportPoint *p = &r->point[i];
        bool known = measurable(r, p);
        json_array_append_new(
            array,
            json_pack("{s:f, s:o, s:o, s:o, s:s}", "far", p->far, "tar",
                      value_json(known ? p->at.tar : NAN), "threshold",
                      value_json(known ? p->at.threshold : NAN), "impostors_accepted",
                      known && p->at.accepted >= 0 ? json_integer(p->at.accepted) : json_null(),
                      "convention", roc_rule_name(r->rule)));
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

static json_t *json_accuracies(const Report *r)
{
    json_t *array = json_array();
    if (r->folds > 0) {
        json_array_append_new(array, json_accuracy("insightface", "population deviation",
                                                   &r->insightface, r->insightface_fold, r->folds));
        json_array_append_new(array, json_accuracy("facexzoo", "standard error", &r->facexzoo,
                                                   r->facexzoo_fold, r->folds));
    }
    return array;
}

static json_t *json_val(const Report *r)
{
    if (r->folds == 0)
        return json_null();
    return json_pack("{s:s, s:i, s:f, s:o, s:o, s:o, s:s}", "convention", "insightface", "folds",
                     r->val.folds, "far", r->val_far, "mean", value_json(r->val.mean), "spread",
                     value_json(r->val.spread), "far_measured", value_json(r->val.far), "spread_is",
                     "population deviation");
}

/* The intervals next to what they belong to, and where they come from. */
static void json_intervals(json_t *root, const Report *r)
{
    const Figure *figure = r->intervals->figure;
    for (int i = 0; i < r->points; i++)
        json_object_set_new(json_array_get(json_object_get(root, "tar"), (size_t)i), "interval",
                            interval_json(&figure[i].interval));
    json_object_set_new(json_object_get(root, "eer"), "interval",
                        interval_json(&figure[r->points].interval));
    for (int i = 0; r->folds > 0 && i < 2; i++)
        json_object_set_new(json_array_get(json_object_get(root, "accuracy"), (size_t)i),
                            "interval", interval_json(&figure[r->points + 1 + i].interval));
    json_object_set_new(root, "bootstrap", intervals_json(r->intervals));
}

int report_json(FILE *out, const Report *r, Err *err)
{
    json_t *pairs = json_pack(
        "{s:s, s:I, s:I, s:I, s:I, s:I, s:o}", "from", r->pairs ? r->pairs : "labels", "genuine",
        (json_int_t)r->roc.genuine, "impostor", (json_int_t)r->roc.impostor, "unlabelled_rows",
        (json_int_t)r->unlabelled, "missing_images", (json_int_t)r->missing, "skipped_pairs",
        (json_int_t)r->skipped_pairs, "fold", r->fold > 0 ? json_integer(r->fold) : json_null());
    json_t *root = json_pack(
        "{s:s, s:s, s:I, s:I, s:o, s:o, s:{s:o, s:o, s:s}, s:{s:o, s:s}, s:o}", "input", r->input,
        "by", r->by, "rows", (json_int_t)r->rows, "dimensions", (json_int_t)r->d, "pairs", pairs,
        "tar", json_points(r), "eer", "value", value_json(r->roc.eer), "threshold",
        value_json(r->roc.eer_threshold), "convention", "interpolated", "auc", "value",
        value_json(r->roc.auc), "convention", "ties-half", "accuracy", json_accuracies(r));
    json_object_set_new(root, "val", json_val(r));
    if (root != NULL && r->intervals != NULL)
        json_intervals(root, r);
    int rc = root != NULL ? json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : -1;
    json_decref(root);
    if (rc != 0)
        return err_set(err, "cannot write the report as JSON (a name that is not UTF-8?)");
    fputc('\n', out);
    return 0;
}

static void curve_point(FILE *out, const Report *r, int64_t impostor, int64_t genuine, double at)
{
    fprintf(out, "%.9g\t%.9g", share(impostor, r->roc.impostor), share(genuine, r->roc.genuine));
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

void report_curve(FILE *out, const Report *r, const RocVertex *vertex, const Interval *band, int n)
{
    fputs("far\ttar\tthreshold\timpostors\tgenuine", out);
    fputs(band != NULL ? "\tlow\thigh\n" : "\n", out);
    if (n == 0 || r->roc.genuine == 0)
        return;
    curve_point(out, r, 0, vertex[0].genuine_above, NAN);
    curve_end(out, band, -1);
    int64_t drawn = 0; /* ties give several ranks one vertex */
    for (int i = 0; i < n; i++) {
        if (vertex[i].impostor_at_least == drawn)
            continue;
        drawn = vertex[i].impostor_at_least;
        curve_point(out, r, drawn, vertex[i].genuine_at_least, vertex[i].threshold);
        curve_end(out, band, i);
    }
    if (vertex[n - 1].genuine_at_least < r->roc.genuine) {
        curve_point(out, r, r->roc.impostor, r->roc.genuine, NAN);
        curve_end(out, band, -1);
    }
}
