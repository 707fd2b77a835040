/* Readings from points of the ROC that the rank of an impostor does not name: see RocRule. */
#ifndef EVAL_POINTS_H
#define EVAL_POINTS_H

#include <stdbool.h>

#include "eval/roc.h"
#include "eval/tally.h"

/* The reading at reading->far, whose rank is set, by ROC_DROPPED. False where cells had to be
 * marked: to be called again after a walk. */
bool points_dropped(RocReading *reading, Tally *tally, const Roc *roc);

/* The same by ROC_HISTOGRAM. */
bool points_histogram(RocReading *reading, Tally *tally, const Roc *roc);

#endif
