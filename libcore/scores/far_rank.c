#include "scores/far_rank_internal.h"

#include <math.h>

/* What a product may lack of 1 and still count as 1. It must be more than rounding takes from a
 * product meant to be 1, 2.2e-16, and should be less than a FAR that is truly below one of n scores
 * lacks: 1e-j of at most 10^j - 1 scores lacks 10^-j or more. 1e-9 is that for all n below 10^9;
 * with more, a FAR may pass that is short of one score by less than a thousand millionth of it, and
 * is then measured at the largest, the nearest there is. */
static const double short_of_one = 1e-9;

/* It must be more than the rounding of the product and of its correction by this, 2^-52 + 2^-53 or
 * 3.3e-16, so that a product meant to be whole is never taken for the next whole number; and less
 * than any other product is away from a whole one: m / 10^j of n scores, m whole, is away by 10^-j
 * at least, 1 / (m * n) of itself or more, above 1e-15 wherever m * n < 10^15, as 1e-6 of all pairs
 * of forty million faces is. */
static const double nearly = 1e-15;

int64_t far_rank_nearest(double far, int64_t n)
{
    return llround(far * (double)n);
}

int64_t far_rank(double far, int64_t n)
{
    return far * (double)n < 1 - short_of_one || far > 1 ? 0 : far_rank_nearest(far, n);
}

int64_t far_rank_up(double far, int64_t n)
{
    return (int64_t)ceil(far * (double)n * (1 - nearly));
}

int64_t far_rank_down(double far, int64_t n)
{
    return (int64_t)floor(far * (double)n * (1 + nearly));
}
