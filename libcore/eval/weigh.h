/* Impostors counted in all resamples at once, by bins of scores.
 *
 * A walk adds the weight of each impostor in each resample to the counts of its bin. Bins are
 * disjoint ranges of keys (key.h), ascending; impostors in none of them are passed over, so that
 * after a first walk over everything only the bins that matter are cut finer and counted again, and
 * the impostors of a few small ones are collected in the end. Counts are integers: the same for any
 * number of threads. */
#ifndef EVAL_WEIGH_H
#define EVAL_WEIGH_H

#include <stdbool.h>
#include <stdint.h>

#include "eval/idpairs.h"
#include "eval/resample.h"

typedef struct Impostor {
    uint32_t key;
    int32_t identity[2];
} Impostor;

typedef struct Weigh {
    const IdPairs *pairs;
    const Resample *resample;
    Pool *pool;
    int bins;
    uint64_t *begin, *end; /* [bins], keys; end is behind the last one */
    uint64_t *count;       /* [bins,lanes] impostors in the bin */
    uint64_t *above;       /* [bins,lanes] impostors above it */
    Impostor *impostor;    /* of all bins that are not single keys, once collected; by key */
    int64_t *first;        /* [bins + 1] where those of a bin begin */
} Weigh;

/* Bins between the edges, which ascend strictly, from the least key to the largest. Walks. */
int weigh_new(Weigh *weigh, const IdPairs *pairs, const Resample *resample, const uint64_t *edge,
              int edges, Pool *pool, Err *err);
void weigh_free(Weigh *weigh); /* safe on a zeroed one */

/* The weight at or above where the bin begins. */
static inline uint64_t weigh_at_least(const Weigh *weigh, int bin, int resample)
{
    int64_t i = (int64_t)bin * weigh->resample->lanes + resample;
    return weigh->above[i] + weigh->count[i];
}

/* Keeps the wanted bins only, each cut into as many parts as there is room for; those of a single
 * key stay whole. By score the parts are of equal length, otherwise of equally many floats. Walks.
 */
int weigh_refine(Weigh *weigh, const bool *wanted, bool by_score, Err *err);

/* Collects the impostors of the wanted bins; counts stay. Walks. */
int weigh_collect(Weigh *weigh, const bool *wanted, Err *err);

#endif
