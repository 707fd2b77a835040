/* A sum of whole numbers that does not depend on their order: what walks add up, of 2^-40 each, or
 * of 2^-52 where no number is more than 1. */
#ifndef VERIFY_EXACT_SUM_INTERNAL_H
#define VERIFY_EXACT_SUM_INTERNAL_H

#include <math.h>
#include <stdint.h>

typedef struct ExactSum {
    int64_t high, low; /* high 2^32 + low */
} ExactSum;

static inline void exact_sum_add(ExactSum *sum, int64_t value)
{
    sum->high += value >> 32;
    sum->low += value & 0xffffffff;
    sum->high += sum->low >> 32;
    sum->low &= 0xffffffff;
}

/* |value| < 2^22 */
static inline void exact_sum_add_real(ExactSum *sum, double value)
{
    exact_sum_add(sum, llrint(value * 0x1p40));
}

/* |value| <= 1, as precise as a double; less than 2^43 of them */
static inline void exact_sum_add_unit(ExactSum *sum, double value)
{
    exact_sum_add(sum, llrint(value * 0x1p52));
}

static inline void exact_sum_join(ExactSum *sum, ExactSum other)
{
    exact_sum_add(sum, other.low);
    sum->high += other.high;
}

/* In the unit of exact_sum_add_real() */
static inline double exact_sum_real(ExactSum sum)
{
    return ldexp(ldexp((double)sum.high, 32) + (double)sum.low, -40);
}

/* In that of exact_sum_add_unit() */
static inline double exact_sum_unit(ExactSum sum)
{
    return ldexp(exact_sum_real(sum), -12);
}

#endif
