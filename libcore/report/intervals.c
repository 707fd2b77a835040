#include "report/intervals_internal.h"

#include <math.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/escape_internal.h"
#include "report/value_internal.h"

void interval_text(char out[INTERVAL_TEXT], const Interval *interval, double scale, int digits)
{
    if (isnan(interval->low))
        snprintf(out, INTERVAL_TEXT, "-");
    else
        snprintf(out, INTERVAL_TEXT, "%.*f .. %.*f", digits, scale * interval->low, digits,
                 scale * interval->high);
}

/* The least number of resamples in which a figure could be measured. */
static int64_t fewest(const Intervals *intervals)
{
    int64_t used = intervals->resamples;
    for (int i = 0; i < intervals->figures; i++) {
        const UncertainFigure *figure = &intervals->figure[i];
        if (!isnan(figure->value) && figure->interval.used < used)
            used = figure->interval.used;
    }
    return used;
}

static void print_difference(FILE *out, const UncertainFigure *figure)
{
    char name[64], interval[INTERVAL_TEXT];
    if (!isnan(figure->at))
        snprintf(name, sizeof name, "TAR at %g", figure->at);
    else if (figure->measure[0] == 'e')
        snprintf(name, sizeof name, "EER");
    else
        snprintf(name, sizeof name, "%s, %s", figure->measure, figure->convention);
    fprintf(out, "%-24s", name);
    if (isnan(figure->value) || isnan(figure->other)) {
        fprintf(out, "not measurable\n");
        return;
    }
    interval_text(interval, &figure->difference, 1, 6);
    fprintf(out, "%-10.6f%-10.6f%-+12.6f%s\n", figure->value, figure->other,
            figure->value - figure->other, interval);
}

void intervals_table(FILE *out, const Intervals *intervals)
{
    int64_t used = fewest(intervals);
    fprintf(out, "\n95 %% percentile intervals from %s of the %s, seed %lld",
            counted(intervals->resamples, "resample", "resamples").text,
            counted(intervals->identities, "identity", "identities").text,
            (long long)intervals->seed);
    if (used < intervals->resamples)
        fprintf(out, ";\nsome figures could be measured in only %lld of them", (long long)used);
    fprintf(out, ".\n");
    if (intervals->versus == NULL)
        return;
    fprintf(out, "\nThe difference from ");
    escape_put(out, intervals->versus, strlen(intervals->versus));
    fprintf(out, ", in the same resamples:\n");
    fprintf(out, "%-24s%-10s%-10s%-12s%s\n", "", "this", "other", "difference", "95 % interval");
    for (int i = 0; i < intervals->figures; i++)
        print_difference(out, &intervals->figure[i]);
}

static void tsv_line(FILE *out, const UncertainFigure *figure, const char *what, double value,
                     const Interval *interval)
{
    fprintf(out, "%s-%s", figure->measure, what);
    value_tsv(out, figure->at);
    value_tsv(out, value);
    value_tsv_none(out, 3);
    fprintf(out, "\t%s", figure->convention);
    value_tsv(out, interval->low);
    value_tsv(out, interval->high);
    fputc('\n', out);
}

void intervals_tsv(FILE *out, const Intervals *intervals)
{
    const Interval none = {NAN, NAN, 0};
    if (intervals->versus == NULL)
        return;
    for (int i = 0; i < intervals->figures; i++) {
        const UncertainFigure *figure = &intervals->figure[i];
        tsv_line(out, figure, "other", figure->other, &none);
        tsv_line(out, figure, "difference", figure->value - figure->other, &figure->difference);
    }
}

json_t *interval_json(const Interval *interval)
{
    return json_pack("{s:o, s:o, s:i}", "low", value_json(interval->low), "high",
                     value_json(interval->high), "resamples", interval->used);
}

json_t *intervals_json(const Intervals *intervals)
{
    json_t *array = json_array();
    for (int i = 0; intervals->versus != NULL && i < intervals->figures; i++) {
        const UncertainFigure *f = &intervals->figure[i];
        json_array_append_new(array, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "measure",
                                               f->measure, "convention", f->convention, "far",
                                               value_json(f->at), "value", value_json(f->value),
                                               "other", value_json(f->other), "difference",
                                               value_json(f->value - f->other), "interval",
                                               interval_json(&f->difference)));
    }
    return json_pack("{s:s, s:I, s:I, s:I, s:o, s:o}", "interval", "95 % percentile", "resamples",
                     (json_int_t)intervals->resamples, "identities",
                     (json_int_t)intervals->identities, "seed", (json_int_t)intervals->seed,
                     "versus", intervals->versus ? json_string(intervals->versus) : json_null(),
                     "differences", array);
}
