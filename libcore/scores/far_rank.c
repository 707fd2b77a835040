#include "scores/far_rank_internal.h"

#include <math.h>

/* What a product may lack of 1 and count as 1: more than rounding takes from it (2.2e-16), and less
 * than one score does where there are fewer than a thousand million, since FARs are written as
 * powers of ten: 1e-9 of one score less than that is 1 - 1e-9. Where there are more, a FAR that is
 * short of one score by less than this is measured at the first one, which is the nearest. */
static const double short_of_one = 1e-9;

/* More than the product's rounding and that of the correction itself, 3 * 2^-53 = 3.3e-16, so that
 * a product meant to be whole is never taken for the next whole number. Less than the distance of
 * any other product from a whole one: FAR = m / 10^j with whole m has products in steps of 1 /
 * 10^j, of which m * n make the largest, 1 / (m * n) of itself. That is above 1e-15 for every m * n
 * below 10^15, which 1e-6 of all pairs of 40 million faces is. */
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
