#include "eval-roc/discard.h"

#include <math.h>
#include <stdlib.h>

#include "eval-roc/at.h"
#include "report/discard_internal.h"
#include "stream/number_column_internal.h"

/* Impostors from here on are kept: some times as many as are accepted. */
static float keep_from(const Stream *stream)
{
    const RocReading *deeper = evaluation_more(&stream->evaluation, MORE_DEEPER);
    return deeper->rank > 0 ? deeper->threshold : INFINITY;
}

int print_discard(const Stream *stream, const Options *o, Pool *pool, Err *err)
{
    const Comparison *c = &stream->comparison;
    Discard discard;
    double *quality = NULL;
    int64_t n;
    float threshold;
    int rc = threshold_at(&threshold, stream, o, pool, err);
    if (rc == 0)
        rc = number_column_read(&quality, &n, o->input, o->edc, err);
    if (rc == 0 && n != c->rows)
        rc = err_set(err, "%s: changed while it was read", c->input);
    if (rc == 0)
        rc = discard_measure(&discard, c, quality, threshold, (RocRule)o->rule,
                             options_asked_fmr(o), keep_from(stream), pool, err);
    if (rc == 0 && o->tsv)
        report_discard_tsv(stdout, &discard);
    else if (rc == 0)
        report_discard_table(stdout, &discard, c, o->edc, threshold);
    free(quality);
    return rc;
}
