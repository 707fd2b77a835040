#include "eval-roc/at.h"

#include <stdio.h>

#include "base/counted_internal.h"
#include "verify/operating_internal.h"

/* The threshold that the convention finds. */
static int at_fmr(float *score, const Stream *stream, const Options *o, Err *err)
{
    const RocReading *at = evaluation_more(&stream->evaluation, MORE_AT);
    if (at->rank == 0)
        return err_set(err, "%s: --at %g is less than one of %s", stream->comparison.input,
                       o->at_value,
                       counted(stream->evaluation.roc.impostor, "impostor", "impostors").text);
    *score = operating_threshold(at);
    return 0;
}

static int at_least_hter(float *score, const Stream *stream, Pool *pool, Err *err)
{
    Separation separation;
    int rc = separation_measure(&separation, stream->comparison.scores, stream->comparison.bound,
                                pool, err);
    if (rc == 0)
        *score = separation.score[separation_least_hter(&separation)];
    separation_release(&separation);
    return rc;
}

int threshold_at(float *score, const Stream *stream, const Options *o, Pool *pool, Err *err)
{
    const Roc *roc = &stream->evaluation.roc;
    if (o->at_kind == AT_FMR)
        return at_fmr(score, stream, o, err);
    if (o->at_kind == AT_SCORE) {
        *score = error_rates_threshold(o->at_value);
        return 0;
    }
    if (roc->genuine == 0 || roc->impostor == 0)
        return err_set(err,
                       "%s: --at %s needs pairs of both kinds: there are %lld genuine, %lld "
                       "impostor",
                       stream->comparison.input, o->at, (long long)roc->genuine,
                       (long long)roc->impostor);
    if (o->at_kind == AT_LEAST_HTER)
        return at_least_hter(score, stream, pool, err);
    *score = roc->eer_threshold;
    return 0;
}

const char *threshold_at_text(char text[AT_TEXT], const Options *o)
{
    if (o->at_kind == AT_FMR)
        snprintf(text, AT_TEXT, "an FMR of %g", o->at_value);
    else
        snprintf(text, AT_TEXT, "%s",
                 o->at_kind == AT_EER          ? "equal error rates"
                 : o->at_kind == AT_LEAST_HTER ? "the least HTER"
                                               : "a score that was given");
    return text;
}
