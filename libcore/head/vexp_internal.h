/* exp for loops that the compiler vectorises.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2, exp x = 2^n exp r, and exp r is its Taylor polynomial of
 * degree 7, whose remainder of 5e-9 is far under float's rounding of 6e-8. Valid up to 88. Below
 * -64 the result is 0: next to a probability of 1 nothing is lost in float by 1e-28, and the
 * products of such numbers would be denormal, for which the processor takes a slow path. */
#ifndef HEAD_VEXP_INTERNAL_H
#define HEAD_VEXP_INTERNAL_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/real_internal.h"

#ifdef REAL_DOUBLE

static inline real vexp(real x)
{
    return exp(x);
}

#else

static inline real vexp(real x)
{
    const float round =
        12582912; /* 1.5 * 2^23: adding it leaves the nearest integer in the low bits */
    const float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
    float shifted = x * 1.44269504f + round;
    float n = shifted - round;
    float r = (x - n * ln2_high) - n * ln2_low;
    float y = 1.0f / 5040;
    y = y * r + 1.0f / 720;
    y = y * r + 1.0f / 120;
    y = y * r + 1.0f / 24;
    y = y * r + 1.0f / 6;
    y = y * r + 0.5f;
    y = y * r * r + r + 1;
    uint32_t bits;
    float power;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 23) + (127u << 23);
    memcpy(&power, &bits, sizeof power);
    return x < -64 ? 0 : y * power;
}

#endif
#endif
