/* Ranks from rates: which of n scores, the largest first, is the threshold of a false accept rate.
 *
 * FAR * n is often meant to be whole, 1e-6 of a million, and in floating point rarely is: the
 * decimal FAR (or a quotient of counts) is rounded to a double and so is the product, each by 2^-53
 * of itself at most, together by 2^-52 or 2.2e-16. What rounds up or down decides as if they were
 * not; what rounds to the nearest needs no such care except at halves, see there. */
#ifndef SCORES_FAR_RANK_INTERNAL_H
#define SCORES_FAR_RANK_INTERNAL_H

#include <stdint.h>

/* FAR * n rounded to the nearest whole number, halves up: BLUFR's k (Liao et al., IJCB 2014), whose
 * EvalROC.m and OpenSetROC.m take MATLAB's round() of this same product. Where FAR * n is meant to
 * be whole, it is off by 2.2e-16 of itself, less than a half for all FAR * n below 10^15; where it
 * is meant to be a half, the product as rounded decides, there as here (0.145 of 100 is 14). */
int64_t far_rank_nearest(double far, int64_t n);

/* The same, but 0, not measurable, where the FAR is below one of the scores. */
int64_t far_rank(double far, int64_t n);

/* FAR * n rounded up, and down. */
int64_t far_rank_up(double far, int64_t n);
int64_t far_rank_down(double far, int64_t n);

#endif
