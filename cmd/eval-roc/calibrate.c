#include "eval-roc/calibrate.h"

#include <string.h>

#include "base/out.h"
#include "eval-roc/files.h"
#include "report/calibration_internal.h"

int write_reliability(const CalibrationCost *cost, const char *path, Err *err)
{
    Out out;
    if (out_open(&out, path, err) != 0)
        return -1;
    report_reliability(out.f, cost);
    return out_commit(&out, err);
}

static int print(const CalibrationFits *fits, const Stream *stream, const Options *o, Err *err)
{
    if (o->json)
        return report_calibration_json(stdout, fits, err);
    if (o->tsv)
        report_calibration_tsv(stdout, fits);
    else
        report_calibration_table(stdout, fits, &stream->comparison, o->seed);
    return 0;
}

/* People that were measured apart, where there are some. */
static const CalibrationCost *best_known(const Calibrated *of)
{
    return of->others.pairs[0] > 0 && of->others.pairs[1] > 0 ? &of->others : &of->own;
}

int calibrate(const Stream *stream, const Options *o, Pool *pool, Err *err)
{
    static CalibrationFits fits;
    const Calibrated *chosen = o->isotonic ? &fits.isotonic : &fits.logistic;
    int rc = calibrated_fit(&fits, &stream->comparison, o->seed, pool, err);
    if (rc == 0)
        rc = write_threshold(stream, o->calibration_out, &chosen->calibration, o, pool, err);
    if (rc == 0 && o->reliability != NULL)
        rc = write_reliability(best_known(chosen), o->reliability, err);
    if (rc == 0 && strcmp(o->calibration_out, "-") != 0 &&
        (o->reliability == NULL || strcmp(o->reliability, "-") != 0))
        rc = print(&fits, stream, o, err);
    return rc;
}
