#include "report/operating_internal.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/escape_internal.h"
#include "base/jansson_internal.h"
#include "report/rate_internal.h"
#include "report/value_internal.h"

static const double million = 1e6;

/* Comparisons a day, or NaN */
static double daily(const OperatingUse *use)
{
    return use->gallery > 0 && use->probes > 0 ? (double)use->gallery * (double)use->probes : NAN;
}

static double squared_distance(float score)
{
    return 2 - 2 * (double)score;
}

static void print_point(FILE *out, const OperatingPoint *p, const OperatingUse *use,
                        const Evaluation *v)
{
    fprintf(out, "\n%-12s%g\n", "FMR asked", p->far);
    if (!p->measurable) {
        fprintf(out, "%-12snot measurable: less than one of %s\n", "threshold",
                counted(v->roc.impostor, "impostor", "impostors").text);
        return;
    }
    fprintf(out, "%-12s%.6f", "threshold", (double)p->score);
    if (!v->comparison->given)
        fprintf(out, ", a squared distance (InsightFace's 0..4) of %.6f",
                squared_distance(p->score));
    fputc('\n', out);
    fprintf(out, "%-12s", "");
    rate_table_heading(out);
    fprintf(out, "%-12s", "FMR");
    rate_table(out, &p->rates.fmr);
    fprintf(out, "%-12s", "FNMR");
    rate_table(out, &p->rates.fnmr);
    fprintf(out, "%-12s%.6g in 10^6 comparisons", "false match", p->rates.fmr.value * million);
    if (!isnan(daily(use)))
        fprintf(out, ", %.6g a day", p->rates.fmr.value * daily(use));
    fputc('\n', out);
    if (p->few)
        fprintf(out,
                "%-12sfewer than 30 / FMR = %.6g impostors (rule of 30): the rate is not well "
                "known\n",
                "note", 30 / p->far);
}

static const char *mark_title(const char *name)
{
    static const char *const titles[][2] = {{"zero-fmr", "ZeroFMR"},
                                            {"zero-fnmr", "ZeroFNMR"},
                                            {"fmr100", "FMR100"},
                                            {"fmr1000", "FMR1000"},
                                            {"fmr10000", "FMR10000"}};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (strcmp(titles[i][0], name) == 0)
            return titles[i][1];
    return name;
}

static void print_marks(FILE *out, const OperatingPoints *points)
{
    for (int i = 0; i < OPERATING_MARKS; i++) {
        const OperatingMark *m = &points->mark[i];
        fprintf(out, "%-12s", mark_title(m->name));
        if (isnan(m->rate.value))
            fprintf(out, "not measurable\n");
        else if (isnan(m->threshold))
            fprintf(out, "%.6g, above all genuine scores\n", m->rate.value);
        else
            fprintf(out, "%.6g at %.6f\n", m->rate.value, m->threshold);
    }
    if (isnan(points->d_prime))
        fprintf(out, "%-12snot measurable\n", "d'");
    else
        fprintf(out, "%-12s%.6g\n", "d'", points->d_prime);
    if (isnan(points->min_cllr))
        fprintf(out, "%-12snot measurable\n", "min-Cllr");
    else
        fprintf(out, "%-12s%.6g\n", "min-Cllr", points->min_cllr);
    if (isnan(points->youden))
        fprintf(out, "%-12snot measurable\n", "Youden's J");
    else
        fprintf(out, "%-12s%.6g at %.6f\n", "Youden's J", points->youden, points->youden_score);
}

void report_operating_table(FILE *out, const OperatingPoints *points, const OperatingUse *use,
                            const Evaluation *v)
{
    const Comparison *c = v->comparison;
    rate_table_compared(out, c);
    fprintf(out, ": %lld genuine, %lld impostor\n", (long long)v->roc.genuine,
            (long long)v->roc.impostor);
    if (!isnan(daily(use)))
        fprintf(out, "%-12s%s a day against a gallery of %lld: %.6g comparisons\n", "use",
                counted(use->probes, "probe", "probes").text, (long long)use->gallery, daily(use));
    for (int i = 0; i < points->n; i++)
        print_point(out, &points->point[i], use, v);
    fputc('\n', out);
    print_marks(out, points);
    fprintf(out,
            "\nThe intervals keep the threshold and draw other people, or (Clopper-Pearson) "
            "other pairs.\nZeroFMR and FMR100 ... are FNMR, ZeroFNMR is FMR.%s\n",
            c->given ? "" : " Scores are cosines.");
}

static void tsv_value(FILE *out, const char *measure, double at, double value)
{
    fputs(measure, out);
    value_tsv(out, at);
    value_tsv_digits(out, value, 17);
    value_tsv_none(out, 6);
    fputc('\n', out);
}

static void tsv_rate(FILE *out, const char *measure, double at, const ErrorRate *rate)
{
    fputs(measure, out);
    value_tsv(out, at);
    rate_tsv(out, rate);
}

static void tsv_point(FILE *out, const OperatingPoint *p, const OperatingUse *use, bool cosines)
{
    static const ErrorRate none = {0, 0, NAN, {NAN, NAN, 0}};
    double fmr = p->measurable ? p->rates.fmr.value : NAN;
    tsv_value(out, "threshold", p->far, p->measurable ? (double)p->score : NAN);
    if (cosines)
        tsv_value(out, "squared-distance", p->far,
                  p->measurable ? squared_distance(p->score) : NAN);
    tsv_rate(out, "fmr", p->far, p->measurable ? &p->rates.fmr : &none);
    tsv_rate(out, "fnmr", p->far, p->measurable ? &p->rates.fnmr : &none);
    tsv_value(out, "per-million", p->far, fmr * million);
    if (!isnan(daily(use)))
        tsv_value(out, "per-day", p->far, fmr * daily(use));
    tsv_value(out, "rule-of-30", p->far, p->few ? 0 : 1);
}

void report_operating_tsv(FILE *out, const OperatingPoints *points, const OperatingUse *use)
{
    fputs("measure\tat\tvalue\twrong\tpairs\tlow\thigh\texact_low\texact_high\n", out);
    for (int i = 0; i < points->n; i++)
        tsv_point(out, &points->point[i], use, points->cosines);
    for (int i = 0; i < OPERATING_MARKS; i++)
        tsv_rate(out, points->mark[i].name, points->mark[i].threshold, &points->mark[i].rate);
    tsv_value(out, "d-prime", NAN, points->d_prime);
    tsv_value(out, "min-cllr", NAN, points->min_cllr);
    tsv_value(out, "youden", points->youden_score, points->youden);
}

static json_t *json_point(const OperatingPoint *p, const OperatingUse *use, bool cosines)
{
    if (!p->measurable)
        return json_pack("{s:f, s:n}", "asked_fmr", p->far, "threshold");
    return json_pack("{s:f, s:f, s:o, s:o, s:o, s:f, s:o, s:b}", "asked_fmr", p->far, "threshold",
                     (double)p->score, "squared_distance",
                     value_json(cosines ? squared_distance(p->score) : NAN), "fmr",
                     rate_as_json(&p->rates.fmr), "fnmr", rate_as_json(&p->rates.fnmr),
                     "per_million", p->rates.fmr.value * million, "per_day",
                     value_json(p->rates.fmr.value * daily(use)), "rule_of_30", !p->few);
}

int report_operating_json(FILE *out, const OperatingPoints *points, const OperatingUse *use,
                          Err *err)
{
    jansson_watch();
    json_t *array = json_array(), *marks = json_object();
    for (int i = 0; i < points->n; i++)
        json_array_append_new(array, json_point(&points->point[i], use, points->cosines));
    for (int i = 0; i < OPERATING_MARKS; i++)
        json_object_set_new(marks, points->mark[i].name,
                            json_pack("{s:o, s:o}", "value", value_json(points->mark[i].rate.value),
                                      "threshold", value_json(points->mark[i].threshold)));
    json_t *root =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "points", array, "marks", marks, "d_prime",
                  value_json(points->d_prime), "min_cllr", value_json(points->min_cllr), "youden",
                  value_json(points->youden), "youden_threshold", value_json(points->youden_score));
    return value_json_write(out, root, 17, "the operating points as JSON", err);
}
