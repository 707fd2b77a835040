#include "report/fixed_internal.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/escape_internal.h"
#include "base/jansson_internal.h"
#include "report/calibration_internal.h"
#include "report/failures_internal.h"
#include "report/intervals_internal.h"
#include "report/rate_internal.h"
#include "report/value_internal.h"

/* What was measured where the threshold was set. */
static bool set_known(const FixedReport *r)
{
    return !isnan(r->threshold->rates.fmr.value) || !isnan(r->threshold->rates.fnmr.value);
}

static const Failures *failures(const FixedReport *r)
{
    return r->comparison->failures.file != NULL ? &r->comparison->failures : NULL;
}

/* Those of transactions at this threshold: FTA, FAR, FRR. */
static void find_transactions(ErrorRate rate[3], const FixedReport *r)
{
    TransactionRates of = failures_rates(failures(r), r->rates.fmr, r->rates.fnmr);
    rate[0] = failures_to_acquire(failures(r));
    rate[1] = of.far;
    rate[2] = of.frr;
}

static void print_transactions(FILE *out, const FixedReport *r)
{
    static const char *const name[] = {"FTA", "FAR", "FRR"};
    ErrorRate rate[3];
    find_transactions(rate, r);
    for (int i = 0; i < 3; i++) {
        fprintf(out, "%-12s", name[i]);
        rate_table(out, &rate[i]);
    }
}

static void print_rates(FILE *out, const ErrorRates *rates)
{
    const Interval *interval = &rates->hter_interval;
    char text[INTERVAL_TEXT] = "";
    fprintf(out, "%-12s", "FMR");
    rate_table(out, &rates->fmr);
    fprintf(out, "%-12s", "FNMR");
    rate_table(out, &rates->fnmr);
    if (!isnan(interval->low))
        snprintf(text, sizeof text, "%.3g .. %.3g", interval->low, interval->high);
    if (isnan(rates->hter))
        fprintf(out, "%-12snot measurable\n", "HTER");
    else
        fprintf(out, text[0] != '\0' ? "%-12s%-11.4g%s\n" : "%-12s%.4g\n", "HTER", rates->hter,
                text);
}

void report_fixed_table(FILE *out, const FixedReport *r)
{
    const Threshold *t = r->threshold;
    rate_table_compared(out, r->comparison);
    fputc('\n', out);
    if (failures(r) != NULL)
        report_failures_counts(out, failures(r));
    fprintf(out, "%-12s%.6f", "threshold", t->score);
    if (r->at != NULL)
        fprintf(out, ", for %s", r->at);
    else if (!isnan(t->asked_fmr))
        fprintf(out, ", for an FMR of %g", t->asked_fmr);
    if (t->data[0] != '\0') {
        fprintf(out, ", set on ");
        escape_put(out, t->data, strlen(t->data));
    }
    fprintf(out, "\n\n%-12s", "here");
    rate_table_heading(out);
    print_rates(out, &r->rates);
    if (failures(r) != NULL)
        print_transactions(out, r);
    if (set_known(r)) {
        fprintf(out, "\n%-12s", "where set");
        rate_table_heading(out);
        print_rates(out, &t->rates);
    }
    if (r->trial != NULL) {
        fputc('\n', out);
        report_trial_table(out, r->trial);
    }
    if (r->rates.resamples > 0)
        fprintf(out,
                "\nIntervals: %s of %s, seed %lld, at this threshold; those of Clopper and "
                "Pearson take\npairs as independent.\n",
                counted(r->rates.resamples, "resample", "resamples").text,
                counted(r->rates.identities, "identity", "identities").text,
                (long long)r->rates.seed);
}

static void tsv_rates(FILE *out, const char *prefix, const ErrorRates *rates)
{
    fprintf(out, "%sfmr", prefix);
    rate_tsv(out, &rates->fmr);
    fprintf(out, "%sfnmr", prefix);
    rate_tsv(out, &rates->fnmr);
    fprintf(out, "%shter", prefix);
    value_tsv_digits(out, rates->hter, 17);
    value_tsv_none(out, 2);
    value_tsv(out, rates->hter_interval.low);
    value_tsv(out, rates->hter_interval.high);
    value_tsv_none(out, 2);
    fputc('\n', out);
}

static void tsv_transactions(FILE *out, const FixedReport *r)
{
    static const char *const name[] = {"fta", "far", "frr"};
    ErrorRate rate[3];
    find_transactions(rate, r);
    for (int i = 0; i < 3; i++) {
        fputs(name[i], out);
        rate_tsv(out, &rate[i]);
    }
}

void report_fixed_tsv(FILE *out, const FixedReport *r)
{
    fputs("measure\tvalue\twrong\tpairs\tlow\thigh\texact_low\texact_high\nthreshold", out);
    value_tsv_digits(out, r->threshold->score, 17);
    value_tsv_none(out, 6);
    fputc('\n', out);
    tsv_rates(out, "", &r->rates);
    if (failures(r) != NULL)
        tsv_transactions(out, r);
    if (set_known(r))
        tsv_rates(out, "set-", &r->threshold->rates);
    if (r->trial != NULL)
        report_trial_tsv(out, r->trial);
}

static json_t *json_rates(const ErrorRates *rates)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "fmr", rate_as_json(&rates->fmr), "fnmr",
                     rate_as_json(&rates->fnmr), "hter", value_json(rates->hter), "hter_interval",
                     interval_json(&rates->hter_interval));
}

static json_t *json_transactions(const FixedReport *r)
{
    TransactionRates of = failures_rates(failures(r), r->rates.fmr, r->rates.fnmr);
    json_t *root = report_failures_json(failures(r));
    json_object_set_new(root, "far", rate_as_json(&of.far));
    json_object_set_new(root, "frr", rate_as_json(&of.frr));
    return root;
}

int report_fixed_json(FILE *out, const FixedReport *r, Err *err)
{
    jansson_watch();
    json_t *root = json_pack(
        "{s:f, s:o, s:s?, s:s, s:I, s:I, s:I, s:o, s:o}", "threshold", r->threshold->score,
        "asked_fmr", value_json(r->threshold->asked_fmr), "at", r->at, "data", r->threshold->data,
        "resamples", (json_int_t)r->rates.resamples, "identities", (json_int_t)r->rates.identities,
        "seed", (json_int_t)r->rates.seed, "here", json_rates(&r->rates), "where_set",
        set_known(r) ? json_rates(&r->threshold->rates) : json_null());
    if (failures(r) != NULL)
        json_object_set_new(root, "failures", json_transactions(r));
    if (r->trial != NULL)
        json_object_set_new(root, "calibration", report_trial_json(r->trial));
    return value_json_write(out, root, 17, "the rates as JSON", err);
}
