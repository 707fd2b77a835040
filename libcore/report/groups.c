#include "report/groups_internal.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/escape_internal.h"
#include "base/jansson_internal.h"
#include "report/intervals_internal.h"
#include "report/value_internal.h"

/* Over so many groups the table of all against all is wider than a screen; TSV has it. */
enum { NAME = 24, COLUMN = 8, WIDE = 8 };

static void print_padded(FILE *out, const char *name, int width)
{
    int length = (int)strlen(name), shown = length < width ? length : width - 1;
    escape_put(out, name, (size_t)shown);
    fprintf(out, "%*s", width - shown, "");
}

static void print_rate(FILE *out, const ErrorRate *rate)
{
    char text[INTERVAL_TEXT];
    interval_text(text, &rate->interval, 1, 6);
    if (isnan(rate->value))
        fprintf(out, "-\n");
    else
        fprintf(out, "%-11.3g%-22s%lld/%lld\n", rate->value, text, (long long)rate->wrong,
                (long long)rate->pairs);
}

static void print_rates(FILE *out, const GroupRates *rates, bool fmr)
{
    fprintf(out, "\n%-*s%-8s%-11s%-22s%s\n", NAME, "group", "people", fmr ? "FMR" : "FNMR",
            "95 % interval", "wrong/pairs");
    for (int i = 0; i < rates->n; i++) {
        print_padded(out, rates->group[i].name, NAME);
        fprintf(out, "%-8lld", (long long)rates->group[i].identities);
        print_rate(out, fmr ? &rates->group[i].fmr : &rates->group[i].fnmr);
    }
}

/* log10 of the FMR of each pair of groups: -4.00 is one false match in 10,000. */
static void print_cross(FILE *out, const GroupRates *rates)
{
    int n = rates->n;
    fprintf(out, "\n%-*s", NAME, "log10 FMR");
    for (int j = 0; j + 1 < n; j++)
        print_padded(out, rates->group[j].name, COLUMN);
    escape_put(out, rates->group[n - 1].name, strlen(rates->group[n - 1].name));
    fputc('\n', out);
    for (int i = 0; i < n; i++) {
        print_padded(out, rates->group[i].name, NAME);
        for (int j = 0; j < n; j++) {
            const CrossRate *cross = &rates->cross[i * n + j];
            char text[32] = "-";
            if (cross->wrong > 0)
                snprintf(text, sizeof text, "%.2f", log10(cross->fmr));
            else if (cross->pairs > 0)
                strcpy(text, "none");
            fprintf(out, j + 1 < n ? "%-*s" : "%.*s\n", COLUMN, text);
        }
    }
}

static const char *measure_title(GroupMeasure measure)
{
    static const char *const titles[] = {
        [GROUP_FDR] = "FDR",
        [GROUP_IR] = "IR",
        [GROUP_GARBE] = "GARBE",
        [GROUP_FMR_MAX_MIN] = "FMR, max / min",
        [GROUP_FMR_MAX_GEOMEAN] = "FMR, max / geometric mean",
        [GROUP_FNMR_MAX_MIN] = "FNMR, max / min",
        [GROUP_FNMR_MAX_GEOMEAN] = "FNMR, max / geometric mean",
    };
    return titles[measure];
}

void report_groups_table(FILE *out, const GroupRates *rates, const Comparison *c, const char *list,
                         double at)
{
    char text[INTERVAL_TEXT];
    fprintf(out, "%-12s", "embeddings");
    escape_put(out, c->input, strlen(c->input));
    fprintf(out, "\n%-12s%.6f", "threshold", rates->threshold);
    if (!isnan(at))
        fprintf(out, ", for an FMR of %g over all impostors", at);
    fprintf(out, "\n%-12s%d of ", "groups", rates->n);
    escape_put(out, list, strlen(list));
    fprintf(out, "; %s, %lld in none\n", counted(rates->identities, "identity", "identities").text,
            (long long)rates->ungrouped);
    print_rates(out, rates, false);
    print_rates(out, rates, true);
    if (rates->n <= WIDE)
        print_cross(out, rates);
    fputc('\n', out);
    for (int i = 0; i < GROUP_MEASURES; i++) {
        interval_text(text, &rates->measure_interval[i], 1, 4);
        if (isnan(rates->measure[i]))
            fprintf(out, "%-28snot measurable\n", measure_title((GroupMeasure)i));
        else
            fprintf(out, "%-28s%-10.4f%s\n", measure_title((GroupMeasure)i), rates->measure[i],
                    text);
    }
    fprintf(out, "\nIntervals: %s of the identities, seed %lld, at this threshold.\n",
            counted(rates->resamples, "resample", "resamples").text, (long long)rates->seed);
}

static void tsv_name(FILE *out, const char *name)
{
    fputc('\t', out);
    escape_put(out, name, strlen(name));
}

static void tsv_end(FILE *out, double value, int64_t wrong, int64_t pairs, const Interval *interval)
{
    value_tsv(out, value);
    fprintf(out, "\t%lld\t%lld", (long long)wrong, (long long)pairs);
    value_tsv(out, interval != NULL ? interval->low : NAN);
    value_tsv(out, interval != NULL ? interval->high : NAN);
    fputc('\n', out);
}

void report_groups_tsv(FILE *out, const GroupRates *rates)
{
    fputs("measure\tgroup\tother\tvalue\twrong\tpairs\tlow\thigh\n", out);
    fputs("threshold\tNA\tNA", out);
    value_tsv(out, rates->threshold);
    value_tsv_none(out, 4);
    fputc('\n', out);
    for (int i = 0; i < rates->n; i++) {
        const GroupRate *group = &rates->group[i];
        fputs("identities", out);
        tsv_name(out, group->name);
        fprintf(out, "\tNA\t%lld", (long long)group->identities);
        value_tsv_none(out, 4);
        fputs("\nfnmr", out);
        tsv_name(out, group->name);
        fputs("\tNA", out);
        tsv_end(out, group->fnmr.value, group->fnmr.wrong, group->fnmr.pairs,
                &group->fnmr.interval);
    }
    for (int i = 0; i < rates->n; i++)
        for (int j = 0; j < rates->n; j++) {
            const CrossRate *cross = &rates->cross[i * rates->n + j];
            fputs("fmr", out);
            tsv_name(out, rates->group[i].name);
            tsv_name(out, rates->group[j].name);
            tsv_end(out, cross->fmr, cross->wrong, cross->pairs,
                    i == j ? &rates->group[i].fmr.interval : NULL);
        }
    for (int i = 0; i < GROUP_MEASURES; i++) {
        fprintf(out, "%s\tNA\tNA", groups_measure_name((GroupMeasure)i));
        value_tsv(out, rates->measure[i]);
        value_tsv_none(out, 2);
        value_tsv(out, rates->measure_interval[i].low);
        value_tsv(out, rates->measure_interval[i].high);
        fputc('\n', out);
    }
}

static json_t *json_rate(const ErrorRate *rate)
{
    return json_pack("{s:o, s:I, s:I, s:o}", "value", value_json(rate->value), "wrong",
                     (json_int_t)rate->wrong, "pairs", (json_int_t)rate->pairs, "interval",
                     interval_json(&rate->interval));
}

static json_t *json_groups(const GroupRates *rates)
{
    json_t *groups = json_array();
    for (int i = 0; i < rates->n; i++) {
        const GroupRate *group = &rates->group[i];
        json_t *across = json_object();
        for (int j = 0; j < rates->n; j++) {
            const CrossRate *cross = &rates->cross[i * rates->n + j];
            json_object_set_new(across, rates->group[j].name,
                                json_pack("{s:o, s:I, s:I}", "value", value_json(cross->fmr),
                                          "wrong", (json_int_t)cross->wrong, "pairs",
                                          (json_int_t)cross->pairs));
        }
        json_array_append_new(groups, json_pack("{s:s, s:I, s:o, s:o, s:o}", "name", group->name,
                                                "identities", (json_int_t)group->identities, "fnmr",
                                                json_rate(&group->fnmr), "fmr",
                                                json_rate(&group->fmr), "fmr_with", across));
    }
    return groups;
}

int report_groups_json(FILE *out, const GroupRates *rates, Err *err)
{
    jansson_watch();
    json_t *measures = json_object();
    for (int i = 0; i < GROUP_MEASURES; i++)
        json_object_set_new(measures, groups_measure_name((GroupMeasure)i),
                            json_pack("{s:o, s:o}", "value", value_json(rates->measure[i]),
                                      "interval", interval_json(&rates->measure_interval[i])));
    json_t *root =
        json_pack("{s:f, s:I, s:I, s:I, s:I, s:o, s:o}", "threshold", rates->threshold,
                  "identities", (json_int_t)rates->identities, "ungrouped",
                  (json_int_t)rates->ungrouped, "resamples", (json_int_t)rates->resamples, "seed",
                  (json_int_t)rates->seed, "groups", json_groups(rates), "measures", measures);
    return value_json_write(out, root, 12, "the groups as JSON", err);
}
