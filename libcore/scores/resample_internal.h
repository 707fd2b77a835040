/* Resamples of identities, by which intervals are measured.
 *
 * Two pairs that share a person depend on each other, so it is identities that are drawn, not
 * pairs: as many as there are, with replacement. A genuine pair of an identity that was drawn w
 * times counts w times, an impostor pair of two identities w * v times; copies of one identity do
 * not meet. This is the vertex bootstrap (Snijders and Borgatti, Connections 22(2), 1999) as
 * Fogliato, Patil and Perona use it for verification (arXiv 2306.01198). The subsets bootstrap
 * (Bolle, Ratha and Pankanti, CVIU 93, 2004) draws one side of an impostor pair only. */
#ifndef SCORES_RESAMPLE_INTERNAL_H
#define SCORES_RESAMPLE_INTERNAL_H

#include <stdint.h>

#include "base/err.h"

/* Resample 0 is what was measured: every identity once. */
typedef struct Resample {
    int32_t identities;
    int n;           /* resamples, the 0th among them */
    int lanes;       /* n, rounded up; the weights behind n are 0 */
    uint8_t *weight; /* [identities,lanes] */
} Resample;

/* `draws` resamples beside the 0th, the same ones for a seed. */
int resample_init(Resample *resample, int64_t identities, int64_t draws, uint64_t seed, Err *err);
void resample_release(Resample *resample); /* safe on a zeroed one */

#endif
