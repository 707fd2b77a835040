#include "eval-roc/fixed.h"

#include <math.h>
#include <string.h>

#include "cli/any-model.h"
#include "cli/threshold.h"
#include "eval-roc/at.h"
#include "eval-roc/calibrate.h"
#include "eval-roc/files.h"
#include "eval-roc/groups.h"
#include "report/fixed_internal.h"

/* --dev: sets it on one stream, for another. */
static int set_on(Threshold *t, const Comparison *c, const Options *o, Pool *pool, Err *err)
{
    static Stream dev;
    const Comparison *d = &dev.comparison;
    float score;
    Options on_dev = *o;
    on_dev.failures = NULL; /* those are of the other stream */
    int rc = stream_measure(&dev, o->dev, o->dev_pairs, &on_dev, pool, err);
    if (rc == 0)
        rc = any_model_check(o->any_model, &c->embeddings.model, c->input, &d->embeddings.model,
                             d->input, err);
    if (rc == 0)
        rc = threshold_at(&score, &dev, o, pool, err);
    if (rc == 0) {
        *t = (Threshold){.score = (double)score, .asked_fmr = options_asked_fmr(o)};
        name_data(t->data, sizeof t->data, d, o);
        rc = error_rates_measure(&t->rates, score, d, options_draws(o), o->seed, pool, err);
    }
    if (rc == 0 && o->epc != NULL)
        rc = write_epc(d, c, o->epc, pool, err);
    stream_release(&dev);
    return rc;
}

static int find(Threshold *t, const Comparison *c, const Options *o, Pool *pool, Err *err)
{
    if (o->dev != NULL)
        return set_on(t, c, o, pool, err);
    if (threshold_option(t, o->threshold, err) != 0)
        return -1;
    return threshold_check(o->any_model, t, o->threshold, &c->embeddings.model, c->input, err);
}

/* What the threshold's calibration, if it has one, is worth here. */
static int try_calibration(FixedReport *report, const Options *o, Pool *pool, Err *err)
{
    static CalibrationTrial trial;
    const Calibration *calibration = &report->threshold->calibration;
    if (calibration->rule == CALIBRATION_NONE)
        return o->reliability == NULL
                   ? 0
                   : err_set(err, "%s: no calibration for --reliability", o->threshold);
    if (calibrated_try(&trial, calibration, report->comparison, pool, err) != 0)
        return -1;
    report->trial = &trial;
    return o->reliability != NULL ? write_reliability(&trial.cost, o->reliability, err) : 0;
}

static int print(const FixedReport *report, const Options *o, Err *err)
{
    if (o->json)
        return report_fixed_json(stdout, report, err);
    if (o->tsv)
        report_fixed_tsv(stdout, report);
    else
        report_fixed_table(stdout, report);
    return 0;
}

int fixed_run(Comparison *c, const Options *o, Pool *pool, Err *err)
{
    char text[AT_TEXT];
    Threshold t;
    FixedReport report = {.comparison = c, .threshold = &t};
    if (stream_load(c, o->input, o->pairs, o, err) != 0 || find(&t, c, o, pool, err) != 0)
        return -1;
    float score = error_rates_threshold(t.score);
    if (o->groups != NULL)
        return print_groups(c, score, NAN, o, pool, err);
    if (o->dev != NULL)
        report.at = threshold_at_text(text, o);
    if (error_rates_measure(&report.rates, score, c, options_draws(o), o->seed, pool, err) != 0 ||
        try_calibration(&report, o, pool, err) != 0)
        return -1;
    if ((o->reliability != NULL && strcmp(o->reliability, "-") == 0) ||
        (o->epc != NULL && strcmp(o->epc, "-") == 0))
        return 0;
    return print(&report, o, err);
}
