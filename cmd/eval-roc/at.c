#include "eval-roc/at.h"

#include <math.h>

#include "base/counted_internal.h"

int threshold_at(float *score, const Stream *stream, const Options *o, Err *err)
{
    const RocReading *at = evaluation_more(&stream->evaluation, 1);
    if (at->rank == 0)
        return err_set(err, "%s: --at %g is less than one of %s", stream->comparison.input, o->at,
                       counted(stream->evaluation.roc.impostor, "impostor", "impostors").text);
    *score = at->above ? nextafterf(at->threshold, INFINITY) : at->threshold;
    return 0;
}
