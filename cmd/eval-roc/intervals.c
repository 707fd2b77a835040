#include "eval-roc/intervals.h"

/* The resamples of a stream; once they are measured its scores are no longer needed. */
static int resample(Uncertainty *uncertainty, Stream *stream, Pool *pool, Err *err)
{
    int rc = uncertainty_add(uncertainty, &stream->evaluation, pool, err);
    comparison_drop_scores(&stream->comparison);
    return rc;
}

/* --versus: the same of another stream. */
static int add_other(Uncertainty *uncertainty, Stream *other, const Stream *stream,
                     const Options *o, Pool *pool, Err *err)
{
    Err inner = {0};
    if (stream_measure(other, o->versus, o->pairs, o, pool, err) != 0)
        return -1;
    if (comparison_same(&stream->comparison, &other->comparison, &inner) != 0)
        return err_set(err, "%s, compared with %s: %s", o->versus, stream->comparison.input,
                       inner.text);
    return resample(uncertainty, other, pool, err);
}

int find_intervals(Intervals *intervals, Uncertainty **uncertainty, Stream *stream,
                   const Options *o, Pool *pool, Err *err)
{
    static Stream other;
    *uncertainty = uncertainty_new(&stream->comparison, o->draws, o->seed, err);
    int rc = *uncertainty != NULL ? resample(*uncertainty, stream, pool, err) : -1;
    if (rc == 0 && o->versus != NULL)
        rc = add_other(*uncertainty, &other, stream, o, pool, err);
    if (rc == 0)
        rc = uncertainty_intervals(intervals, *uncertainty, err);
    stream_release(&other);
    return rc;
}
