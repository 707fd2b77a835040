/* --bootstrap: intervals of what was measured, from resamples of identities. */
#ifndef CMD_EVAL_ROC_INTERVALS_H
#define CMD_EVAL_ROC_INTERVALS_H

#include "eval-roc/stream.h"
#include "verify/uncertainty_internal.h"

/* The resamples of a measured stream, and of --versus where it is given; the stream's scores go.
 * The caller frees both, also after a failure. */
int find_intervals(Intervals *intervals, Uncertainty **uncertainty, Stream *stream,
                   const Options *o, Pool *pool, Err *err);

#endif
