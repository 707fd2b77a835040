/* Angles between embeddings, in degrees, and their cosines. */
#ifndef IDENTIFY_ANGLE_INTERNAL_H
#define IDENTIFY_ANGLE_INTERNAL_H

#include <math.h>

#define ANGLE_DEGREES (180 / 3.14159265358979323846) /* of a radian */

/* Of a cosine that rounding may have taken beyond 1. */
static inline double angle_of_cosine(double cosine)
{
    return acos(fmin(1, fmax(-1, cosine))) * ANGLE_DEGREES;
}

static inline double cosine_of_angle(double degrees)
{
    return cos(degrees / ANGLE_DEGREES);
}

#endif
