#include "report/failures_internal.h"

#include <math.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/escape_internal.h"
#include "report/rate_internal.h"
#include "report/value_internal.h"

TransactionRates report_failures_at(const Evaluation *v, const RocReading *p)
{
    const Failures *f = &v->comparison->failures;
    const Roc *roc = &v->roc;
    if (p->rank == 0)
        return (TransactionRates){error_rate_of(0, 0), error_rate_of(0, 0)};
    return failures_rates(f, error_rate_of(p->accepted, roc->impostor),
                          error_rate_of(roc->genuine - p->accepted_genuine, roc->genuine));
}

void report_failures_counts(FILE *out, const Failures *f)
{
    fprintf(out, "%-12s", "failures");
    escape_put(out, f->file, strlen(f->file));
    fprintf(out, ": %lld of %s not acquired", (long long)f->faces,
            counted(f->faces + f->acquired, "face", "faces").text);
    if (f->unlabelled > 0)
        fprintf(out, "; %s without a label left out",
                counted(f->unlabelled, "other", "others").text);
    fprintf(out, "\n%-12stheir pairs are non-matches: %lld genuine, %lld impostor\n", "",
            (long long)f->genuine, (long long)f->impostor);
}

void report_failures_table(FILE *out, const Evaluation *v)
{
    ErrorRate fta = failures_to_acquire(&v->comparison->failures);
    fprintf(out, "\nWith failures to acquire");
    if (!isnan(fta.value))
        fprintf(out, " (FTA %.6g)", fta.value);
    fprintf(out, ", FAR and FRR of ISO/IEC 19795-1:\n%-12s%-12s%-10s%-24s%s\n", "FMR asked", "FAR",
            "FRR", "false accepts", "false rejects");
    for (int i = 0; i < v->readings; i++) {
        TransactionRates rates = report_failures_at(v, &v->reading[i]);
        char accepts[48];
        fprintf(out, "%-12g", v->reading[i].far);
        if (isnan(rates.far.value) || isnan(rates.frr.value)) {
            fputs("not measurable\n", out);
            continue;
        }
        snprintf(accepts, sizeof accepts, "%lld/%lld", (long long)rates.far.wrong,
                 (long long)rates.far.pairs);
        fprintf(out, "%-12.6g%-10.6f%-24s%lld/%lld\n", rates.far.value, rates.frr.value, accepts,
                (long long)rates.frr.wrong, (long long)rates.frr.pairs);
    }
}

json_t *report_failures_json(const Failures *f)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o}", "file", f->file, "failed",
                     (json_int_t)f->faces, "acquired", (json_int_t)f->acquired, "unlabelled",
                     (json_int_t)f->unlabelled, "genuine", (json_int_t)f->genuine, "impostor",
                     (json_int_t)f->impostor, "fta", value_json(failures_to_acquire(f).value));
}

json_t *report_failures_readings_json(const Evaluation *v)
{
    json_t *rates = json_array();
    for (int i = 0; i < v->readings; i++) {
        TransactionRates at = report_failures_at(v, &v->reading[i]);
        json_array_append_new(rates,
                              json_pack("{s:f, s:o, s:o}", "asked_fmr", v->reading[i].far, "far",
                                        rate_as_json(&at.far), "frr", rate_as_json(&at.frr)));
    }
    json_t *root = report_failures_json(&v->comparison->failures);
    json_object_set_new(root, "rates", rates);
    return root;
}
