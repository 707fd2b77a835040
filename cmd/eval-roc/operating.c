#include "eval-roc/operating.h"

#include "report/operating_internal.h"

int print_operating(const Stream *stream, const Options *o, Pool *pool, Err *err)
{
    OperatingPoints points;
    OperatingUse use = {o->gallery_size, o->probes_per_day};
    int rc = operating_measure(&points, &stream->evaluation, options_draws(o), o->seed, pool, err);
    if (rc == 0 && o->json)
        rc = report_operating_json(stdout, &points, &use, err);
    else if (rc == 0 && o->tsv)
        report_operating_tsv(stdout, &points, &use);
    else if (rc == 0)
        report_operating_table(stdout, &points, &use, &stream->evaluation);
    operating_release(&points);
    return rc;
}
