/* Scores of both kinds counted in bins of equal width, to be drawn. */
#ifndef EVAL_HISTOGRAM_H
#define EVAL_HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/pool.h"
#include "eval/scores.h"

/* Bins of 0.01 from -1 to 1; cosines that rounding took beyond are in the outermost ones. */
enum { HISTOGRAM_BINS = 200 };

typedef struct Histogram {
    int64_t genuine[HISTOGRAM_BINS], impostor[HISTOGRAM_BINS];
} Histogram;

int histogram_count(Histogram *histogram, const Scores *scores, Pool *pool, Err *err);

/* TSV: where each bin begins and ends, and the scores of each kind in it. Of the bins before the
 * first score and after the last one nothing is written. */
void histogram_write(FILE *out, const Histogram *histogram);

#endif
