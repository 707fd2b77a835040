/* Impostors counted in all resamples at once, by bins of scores.
 *
 * A walk adds the weight of each impostor in each resample to the counts of its bin. Bins are
 * disjoint ranges of keys (score_key_internal.h), ascending; impostors in none of them are passed
 * over, so that after a first walk over everything only the bins that matter are cut finer and
 * counted again, and the impostors of a few small ones are collected in the end. Counts are
 * integers: the same for any number of threads. */
#ifndef SCORES_RESAMPLED_COUNTS_INTERNAL_H
#define SCORES_RESAMPLED_COUNTS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "scores/identity_pairs_internal.h"
#include "scores/resample_internal.h"

typedef struct ResampledImpostor {
    uint32_t key;
    int32_t identity[2];
} ResampledImpostor;

typedef struct ResampledCounts {
    const IdentityPairs *pairs;
    const Resample *resample;
    Pool *pool;
    int bins;
    uint64_t *begin, *end;       /* [bins], keys; end is behind the last one */
    uint64_t *count;             /* [bins,lanes] impostors in the bin */
    uint64_t *above;             /* [bins,lanes] impostors above it */
    ResampledImpostor *impostor; /* of all bins that are not single keys, once collected; by key */
    int64_t *first;              /* [bins + 1] where those of a bin begin */
} ResampledCounts;

/* Bins between the edges, which ascend strictly, from the least key to the largest. Walks. */
int resampled_counts_init(ResampledCounts *counts, const IdentityPairs *pairs,
                          const Resample *resample, const uint64_t *edge, int edges, Pool *pool,
                          Err *err);
void resampled_counts_release(ResampledCounts *counts); /* safe on a zeroed one */

/* The weight at or above where the bin begins. */
static inline uint64_t resampled_counts_at_least(const ResampledCounts *counts, int bin,
                                                 int resample)
{
    int64_t i = (int64_t)bin * counts->resample->lanes + resample;
    return counts->above[i] + counts->count[i];
}

/* Keeps the wanted bins only, each cut into as many parts as there is room for; those of a single
 * key stay whole. By score the parts are of equal length, otherwise of equally many floats. Walks.
 */
int resampled_counts_refine(ResampledCounts *counts, const bool *wanted, bool by_score, Err *err);

/* Collects the impostors of the wanted bins; counts stay. Walks. */
int resampled_counts_collect(ResampledCounts *counts, const bool *wanted, Err *err);

#endif
