/* Readings from points of the ROC that are not found by the rank of an impostor: see RocRule. */
#ifndef VERIFY_ROC_POINTS_INTERNAL_H
#define VERIFY_ROC_POINTS_INTERNAL_H

#include <stdbool.h>

#include "scores/counts_internal.h"
#include "verify/roc.h"

/* The reading at reading->far, whose rank is set, by ROC_DROPPED. False when cells must be counted
 * first: to be called again after a walk. */
bool roc_points_dropped(RocReading *reading, Counts *counts, const Roc *roc);

/* The same by ROC_HISTOGRAM. */
bool roc_points_histogram(RocReading *reading, Counts *counts, const Roc *roc);

#endif
