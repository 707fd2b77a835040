/* Ranks from rates: which of n scores, the largest first, is the threshold of a false accept rate.
 *
 * FAR * n is often meant to be whole, 1e-6 of a million, and in floating point rarely is: the
 * decimal FAR (or a quotient of counts) is rounded to a double and so is the product, each by 2^-53
 * of itself at most, together by 2^-52 or 2.2e-16. All but
 * far_rank_nearest() decide as if they were not. */
#ifndef SCORES_FAR_RANK_INTERNAL_H
#define SCORES_FAR_RANK_INTERNAL_H

#include <stdint.h>

/* FAR * n rounded to the nearest whole number, BLUFR's k (Liao et al., IJCB 2014). Its authors'
 * MATLAB takes round(FAR * n), halves up, of the same product in double; so does this, that k is
 * theirs even where rounding puts a product beside a half: 0.145 of 100 is 14.499999999999998, and
 * 14. */
int64_t far_rank_nearest(double far, int64_t n);

/* The same, but 0, not measurable, where the FAR is below one of the scores. */
int64_t far_rank(double far, int64_t n);

/* FAR * n rounded up, and down. */
int64_t far_rank_up(double far, int64_t n);
int64_t far_rank_down(double far, int64_t n);

#endif
