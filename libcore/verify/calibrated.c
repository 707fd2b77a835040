#include "verify/calibrated_internal.h"

#include "verify/separation_internal.h"

static int min_cllr(double *cllr, const Comparison *c, Pool *pool, Err *err)
{
    Separation separation;
    int rc = separation_measure(&separation, c->scores, c->bound, pool, err);
    if (rc == 0)
        rc = separation_min_cllr(cllr, &separation, err);
    separation_release(&separation);
    return rc;
}

static int fit(Calibrated *of, CalibrationRule rule, const Comparison *c, int64_t seed, Pool *pool,
               Err *err)
{
    if (calibration_fit(&of->calibration, rule, c->scores, c->bound, pool, err) != 0 ||
        calibration_cost(&of->own, &of->calibration, c->scores, pool, err) != 0)
        return -1;
    return calibration_folds(&of->others, rule, c, seed, pool, err);
}

int calibrated_fit(CalibrationFits *fits, const Comparison *c, int64_t seed, Pool *pool, Err *err)
{
    Err inner = {0};
    *fits = (CalibrationFits){0};
    if (fit(&fits->logistic, CALIBRATION_LOGISTIC, c, seed, pool, &inner) != 0 ||
        fit(&fits->isotonic, CALIBRATION_ISOTONIC, c, seed, pool, &inner) != 0 ||
        min_cllr(&fits->min_cllr, c, pool, &inner) != 0)
        return err_set(err, "%s: %s", c->input, inner.text);
    return 0;
}

int calibrated_try(CalibrationTrial *trial, const Calibration *calibration, const Comparison *c,
                   Pool *pool, Err *err)
{
    *trial = (CalibrationTrial){0};
    return calibration_cost(&trial->cost, calibration, c->scores, pool, err) != 0
               ? -1
               : min_cllr(&trial->min_cllr, c, pool, err);
}
