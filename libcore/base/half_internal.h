/* Floats of 16 bits, as in files. */
#ifndef BASE_HALF_INTERNAL_H
#define BASE_HALF_INTERNAL_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction */
static inline float half_to_float(uint16_t bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    float size = exponent == 31  ? (fraction != 0 ? NAN : INFINITY)
                 : exponent == 0 ? ldexpf((float)fraction, -24)
                                 : ldexpf((float)(1024 + fraction), exponent - 25);
    return bits >> 15 ? -size : size;
}

typedef uint16_t Bfloat;

/* bfloat16 is the upper half of a float. */
static inline float bfloat_to_float(uint16_t bits)
{
    uint32_t whole = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &whole, sizeof value);
    return value;
}

/* Rounded to the nearest, of two to the even one. A finite one may become infinite only where it
 * is nearer to 2^128 than to the largest. */
static inline uint16_t float_to_bfloat(float value)
{
    uint32_t whole;
    memcpy(&whole, &value, sizeof whole);
    if (isnan(value))
        return (uint16_t)(whole >> 16 | 0x40);
    return (uint16_t)((whole + 0x7fff + (whole >> 16 & 1)) >> 16);
}

#endif
