/* Numbers to test with */
#ifndef UNIT_NORMALS_H
#define UNIT_NORMALS_H

#include <stdlib.h>

#include "base/real.h"
#include "base/rng_internal.h"

/* n of a normal distribution around 0, for the caller to free(); NULL without memory */
static real *normals(size_t n, uint64_t seed, double deviation)
{
    real *x = malloc(n * sizeof *x);
    Rng rng = rng_at(seed, n, 0, 0);
    for (size_t i = 0; x != NULL && i < n; i++)
        x[i] = (real)(deviation * rng_normal(&rng));
    return x;
}

#endif
