/* Scores of both kinds counted in bins of equal width, to be drawn. */
#ifndef SCORES_HISTOGRAM_INTERNAL_H
#define SCORES_HISTOGRAM_INTERNAL_H

#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"
#include "scores/scores.h"

/* Bins of 0.01 from -1 to 1; cosines that rounding took beyond are in the outermost ones. */
enum { HISTOGRAM_BINS = 200 };

typedef struct Histogram {
    int64_t genuine[HISTOGRAM_BINS], impostor[HISTOGRAM_BINS];
} Histogram;

int histogram_count(Histogram *histogram, const Scores *scores, Pool *pool, Err *err);

#endif
