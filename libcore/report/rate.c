#include "report/rate_internal.h"

#include <math.h>
#include <string.h>

#include "base/escape_internal.h"
#include "report/intervals_internal.h"
#include "report/value_internal.h"
#include "verify/binomial_internal.h"

static void print_ends(FILE *out, const Interval *interval)
{
    char text[INTERVAL_TEXT] = "-";
    if (!isnan(interval->low))
        snprintf(text, sizeof text, "%.3g .. %.3g", interval->low, interval->high);
    fprintf(out, "%-24s", text);
}

void rate_table_compared(FILE *out, const Comparison *c)
{
    fprintf(out, "%-12s", c->given ? "scores" : "embeddings");
    escape_put(out, c->input, strlen(c->input));
    if (c->given)
        return;
    fprintf(out, "\n%-12s", "pairs");
    if (c->list_name != NULL)
        escape_put(out, c->list_name, strlen(c->list_name));
    else
        fprintf(out, "all by label");
}

void rate_table_heading(FILE *out)
{
    fprintf(out, "%-11s%-24s%-24s%s\n", "value", "95 %, resamples", "95 %, Clopper-Pearson",
            "wrong/pairs");
}

void rate_table(FILE *out, const ErrorRate *rate)
{
    Interval exact = binomial_interval(rate->wrong, rate->pairs);
    if (isnan(rate->value)) {
        fprintf(out, "not measurable\n");
        return;
    }
    fprintf(out, "%-11.4g", rate->value);
    print_ends(out, &rate->interval);
    print_ends(out, &exact);
    fprintf(out, "%lld/%lld", (long long)rate->wrong, (long long)rate->pairs);
    if (rate->wrong == 0)
        fprintf(out, ", below %.2g (rule of 3)", binomial_rule_of_three(rate->pairs));
    fputc('\n', out);
}

void rate_tsv(FILE *out, const ErrorRate *rate)
{
    Interval exact = binomial_interval(rate->wrong, rate->pairs);
    value_tsv_digits(out, rate->value, 17);
    fprintf(out, "\t%lld\t%lld", (long long)rate->wrong, (long long)rate->pairs);
    value_tsv(out, rate->interval.low);
    value_tsv(out, rate->interval.high);
    value_tsv(out, exact.low);
    value_tsv(out, exact.high);
    fputc('\n', out);
}

json_t *rate_as_json(const ErrorRate *rate)
{
    Interval exact = binomial_interval(rate->wrong, rate->pairs);
    return json_pack(
        "{s:o, s:I, s:I, s:o, s:o}", "value", value_json(rate->value), "wrong",
        (json_int_t)rate->wrong, "pairs", (json_int_t)rate->pairs, "interval",
        interval_json(&rate->interval), "clopper_pearson",
        json_pack("{s:o, s:o}", "low", value_json(exact.low), "high", value_json(exact.high)));
}
