/* Rough scores: cosines as a product of matrices in float makes them, its sums in any order. They
 * find quickly what may reach a score, which cosine_of_units() then decides. */
#ifndef SCORES_ROUGH_INTERNAL_H
#define SCORES_ROUGH_INTERNAL_H

#include <stdint.h>

/* A rough score of rows of d numbers may be so much below the score: d products and sums round by
 * 2^-24 of at most 1, twice as much as can be, for good measure. */
float rough_slack(int64_t d);

/* How many of score[n] are `from` or more. */
int64_t rough_count(const float *score, int64_t n, float from);

#endif
