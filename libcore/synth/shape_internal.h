/* The few curves everything is drawn with, cheap and without branches so that loops over them
 * become vector code. Nothing here depends on the width of the vectors: a face has the same bytes
 * on every machine. */
#ifndef SYNTH_SHAPE_INTERNAL_H
#define SYNTH_SHAPE_INTERNAL_H

#include <stdint.h>

#include "base/real_internal.h"

INLINE float shape_min(float a, float b)
{
    return a < b ? a : b;
}

INLINE float shape_max(float a, float b)
{
    return a > b ? a : b;
}

INLINE float shape_clamp(float x, float low, float high)
{
    return shape_min(shape_max(x, low), high);
}

INLINE float shape_mix(float a, float b, float t)
{
    return a + (b - a) * t;
}

/* 0 up to low, 1 from high on, smooth between. low > high falls instead of rising. */
INLINE float shape_ramp(float x, float low, float high)
{
    float t = shape_clamp((x - low) / (high - low), 0, 1);
    return t * t * (3 - 2 * t);
}

/* 1 at d2 = 0, smoothly 0 from d2 = 1 on; d2 is a squared distance. */
INLINE float shape_bump(float d2)
{
    float t = shape_max(1 - d2, 0);
    return t * t;
}

/* The larger of the two, rounded off where they are closer than k. */
INLINE float shape_union(float a, float b, float k)
{
    float t = shape_max(k - (a > b ? a - b : b - a), 0);
    return shape_max(a, b) + t * t / (4 * k);
}

/* 32 scrambled bits of a point of a lattice (multiply and shift, after Wang and Jenkins). */
INLINE uint32_t shape_hash(uint32_t x, uint32_t y, uint32_t seed)
{
    uint32_t h = x * 0x9e3779b1u ^ (y * 0x85ebca77u + seed);
    h = (h ^ h >> 15) * 0x2c1b3c6du;
    h = (h ^ h >> 12) * 0x297a2d39u;
    return h ^ h >> 15;
}

INLINE float shape_lattice(int x, int y, uint32_t seed)
{
    return (float)(int)(shape_hash((uint32_t)x, (uint32_t)y, seed) >> 8) * 0x1p-23f - 1;
}

/* Value noise in [-1, 1), one lattice point a unit of x and y. x, y > -1000. */
INLINE float shape_noise(float x, float y, uint32_t seed)
{
    int i = (int)(x + 1000), j = (int)(y + 1000);
    float a = x + 1000 - (float)i, b = y + 1000 - (float)j;
    a = a * a * (3 - 2 * a);
    b = b * b * (3 - 2 * b);
    float top = shape_mix(shape_lattice(i, j, seed), shape_lattice(i + 1, j, seed), a);
    float low = shape_mix(shape_lattice(i, j + 1, seed), shape_lattice(i + 1, j + 1, seed), a);
    return shape_mix(top, low, b);
}

#endif
