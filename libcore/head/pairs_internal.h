/* Pairs of rows of a batch: what the losses on distances between embeddings share. */
#ifndef HEAD_PAIRS_INTERNAL_H
#define HEAD_PAIRS_INTERNAL_H

#include "head/rule_internal.h"

/* distance[rows, rows]: |v_i - v_j|^2 of batch->unit, or of batch->x, in double. Sets the own
 * cosine of each row: the mean of those with the other rows of its identity, 0 where there are
 * none; and its term: 0, or NaN where the embedding is not finite. */
void pairs_measure(double *distance, HeadRow *row, const HeadBatch *batch, bool unit);

/* Adds scale (v_i - v_j) to row i of batch->dx, and takes it from row j. */
void pairs_pull(const HeadBatch *batch, bool unit, int64_t i, int64_t j, double scale);

/* At the end: batch->dx, the gradient of v, times scale becomes that of x. */
void pairs_finish(const HeadRow *row, const HeadBatch *batch, bool unit, double scale);

#endif
