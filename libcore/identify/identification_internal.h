/* Identification measured: the figures of probes searched in a gallery. */
#ifndef IDENTIFY_IDENTIFICATION_INTERNAL_H
#define IDENTIFY_IDENTIFICATION_INTERNAL_H

#include "identify/search_internal.h"

enum { IDENTIFICATION_MAX = 32, CMC_MAX = 1000 };

typedef struct IdentificationAsk {
    const double *rank, *fpir; /* [ranks], [fpirs], both up to IDENTIFICATION_MAX */
    int ranks, fpirs;
    bool selectivity; /* that too, in another walk over the gallery */
} IdentificationAsk;

typedef struct Identification {
    int64_t gallery, mated, unmated;
    double rate[IDENTIFICATION_MAX];     /* [ranks] search_rank_rate() */
    double tpir[IDENTIFICATION_MAX];     /* [fpirs] search_open_set() at rank 1 */
    float threshold[IDENTIFICATION_MAX]; /* [fpirs] */
    /* [fpirs] how many of the gallery an unmated probe finds at or above the threshold, on average
     * (ISO/IEC 19795-1); NaN where there is none, or it was not asked for */
    double selectivity[IDENTIFICATION_MAX];
} Identification;

/* The cumulative match characteristic, averaged over trials, up to the size of their smallest
 * gallery. Zeroed is empty. */
typedef struct Cmc {
    double compared, rate[CMC_MAX]; /* sums over the trials: faces compared with, rates */
    int ranks, trials;
} Cmc;

/* An empty gallery or no probes are an error. Adds to the CMC unless it is NULL. */
int identification_measure(Identification *identification, Cmc *cmc, const IdentificationAsk *ask,
                           const Subjects *subjects, RowSpan gallery, RowSpan probes, Pool *pool,
                           Err *err);

/* The same with search_closed_set() in place of search_open_set(). */
int identification_closed(Identification *identification, const IdentificationAsk *ask,
                          const Subjects *subjects, RowSpan gallery, RowSpan probes, Pool *pool,
                          Err *err);

#endif
