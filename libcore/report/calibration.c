#include "report/calibration_internal.h"

#include <math.h>
#include <string.h>

#include "base/jansson_internal.h"
#include "report/rate_internal.h"
#include "report/value_internal.h"

static void print_cost(FILE *out, double cllr, int width)
{
    if (isnan(cllr))
        fprintf(out, "%-*s", width, "-");
    else
        fprintf(out, "%-*.6f", width, cllr);
}

static void print_rule(FILE *out, const Calibrated *of)
{
    const Calibration *c = &of->calibration;
    fprintf(out, "%-12s", calibration_name(c->rule));
    print_cost(out, calibration_cllr(&of->own), 12);
    print_cost(out, calibration_cllr(&of->others), 16);
    if (c->rule == CALIBRATION_LOGISTIC)
        fprintf(out, "%.6g * score %c %.6g\n", c->slope, c->offset < 0 ? '-' : '+',
                fabs(c->offset));
    else
        fprintf(out, "%d steps\n", c->steps);
}

void report_calibration_table(FILE *out, const CalibrationFits *fits, const Comparison *c,
                              int64_t seed)
{
    const CalibrationCost *cost = &fits->logistic.own, *others = &fits->logistic.others;
    rate_table_compared(out, c);
    fprintf(out, ": %lld genuine, %lld impostor\n\n%-12s%-12s%-16s%s\n", (long long)cost->pairs[1],
            (long long)cost->pairs[0], "", "Cllr", "other people", "log-likelihood ratio");
    print_rule(out, &fits->logistic);
    print_rule(out, &fits->isotonic);
    fprintf(out, "%-12s", "least");
    print_cost(out, fits->min_cllr, 0);
    fputs("\n\nCllr in bits: 0 of perfect ratios, 1 of those that say nothing.\n", out);
    if (others->pairs[0] > 0 && others->pairs[1] > 0)
        fprintf(
            out,
            "Other people: %d folds of identities, seed %lld; fitted to all others, measured on\n"
            "%lld genuine and %lld impostor pairs of people of one fold.\n",
            (int)CALIBRATION_FOLDS, (long long)seed, (long long)others->pairs[1],
            (long long)others->pairs[0]);
}

static void tsv_rule(FILE *out, const Calibrated *of)
{
    const Calibration *c = &of->calibration;
    bool logistic = c->rule == CALIBRATION_LOGISTIC;
    fputs(calibration_name(c->rule), out);
    value_tsv_digits(out, logistic ? c->slope : NAN, 17);
    value_tsv_digits(out, logistic ? c->offset : NAN, 17);
    value_tsv(out, logistic ? (double)NAN : (double)c->steps);
    value_tsv_digits(out, calibration_cllr(&of->own), 17);
    value_tsv_digits(out, calibration_cllr(&of->others), 17);
    fputc('\n', out);
}

void report_calibration_tsv(FILE *out, const CalibrationFits *fits)
{
    fputs("rule\tslope\toffset\tsteps\tcllr\tcllr_others\n", out);
    tsv_rule(out, &fits->logistic);
    tsv_rule(out, &fits->isotonic);
    fputs("minimum", out);
    value_tsv_none(out, 3);
    value_tsv_digits(out, fits->min_cllr, 17);
    value_tsv_none(out, 1);
    fputc('\n', out);
}

static json_t *rule_json(const Calibrated *of)
{
    return json_pack("{s:o, s:o}", "cllr", value_json(calibration_cllr(&of->own)), "cllr_others",
                     value_json(calibration_cllr(&of->others)));
}

int report_calibration_json(FILE *out, const CalibrationFits *fits, Err *err)
{
    const Calibration *c = &fits->logistic.calibration;
    jansson_watch();
    json_t *logistic = rule_json(&fits->logistic), *isotonic = rule_json(&fits->isotonic);
    json_object_set_new(logistic, "slope", value_json(c->slope));
    json_object_set_new(logistic, "offset", value_json(c->offset));
    json_object_set_new(isotonic, "steps", json_integer(fits->isotonic.calibration.steps));
    json_t *root = json_pack("{s:o, s:o, s:o}", "logistic", logistic, "isotonic", isotonic,
                             "min_cllr", value_json(fits->min_cllr));
    return value_json_write(out, root, 17, "the calibration as JSON", err);
}

void report_trial_table(FILE *out, const CalibrationTrial *trial)
{
    double cllr = calibration_cllr(&trial->cost);
    if (isnan(cllr))
        fprintf(out, "%-12snot measurable\n", "Cllr");
    else
        fprintf(out, "%-12s%.6f; at least %.6f (min-Cllr), %.6f of it by the calibration\n", "Cllr",
                cllr, trial->min_cllr, cllr - trial->min_cllr);
}

static void tsv_value(FILE *out, const char *measure, double value)
{
    fputs(measure, out);
    value_tsv_digits(out, value, 17);
    value_tsv_none(out, 6);
    fputc('\n', out);
}

void report_trial_tsv(FILE *out, const CalibrationTrial *trial)
{
    tsv_value(out, "cllr", calibration_cllr(&trial->cost));
    tsv_value(out, "min-cllr", trial->min_cllr);
}

json_t *report_trial_json(const CalibrationTrial *trial)
{
    return json_pack("{s:o, s:o}", "cllr", value_json(calibration_cllr(&trial->cost)), "min_cllr",
                     value_json(trial->min_cllr));
}

void report_reliability(FILE *out, const CalibrationCost *cost)
{
    fputs("low\thigh\tgenuine\timpostor\tpredicted\tobserved\n", out);
    for (int bin = 0; bin < CALIBRATION_BINS; bin++) {
        double share[2], sum = 0;
        for (int kind = 0; kind < 2; kind++) {
            double pairs = (double)cost->pairs[kind];
            share[kind] = pairs > 0 ? (double)cost->count[kind][bin] / pairs : 0;
            sum += pairs > 0 ? cost->probability[kind][bin] / pairs : 0;
        }
        fprintf(out, "%g\t%g\t%lld\t%lld", (double)bin / CALIBRATION_BINS,
                (bin + 1.0) / CALIBRATION_BINS, (long long)cost->count[1][bin],
                (long long)cost->count[0][bin]);
        value_tsv(out, sum > 0 ? sum / (share[0] + share[1]) : NAN);
        value_tsv(out, sum > 0 ? share[1] / (share[0] + share[1]) : NAN);
        fputc('\n', out);
    }
}
