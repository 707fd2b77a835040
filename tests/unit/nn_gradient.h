/* Numeric gradients for the tests of nn/, taken in double. */
#ifndef NN_GRADIENT_H
#define NN_GRADIENT_H

#include "base/real_internal.h"
#include "base/rng_internal.h"
#include "unit.h"

/* The loss to differentiate, as a function of whatever `arg` and the array under test hold. */
typedef double Loss(void *arg);

/* n random numbers in (-1, 1), never closer to 0 than 0.01, where PReLU has its corner. */
static inline real *random_reals(size_t n, uint64_t seed)
{
    real *x = malloc(n * sizeof *x);
    Rng rng = rng_at(seed, n, 0, 0);
    for (size_t i = 0; x != NULL && i < n; i++) {
        double u = rng_range(&rng, -0.99, 0.99);
        x[i] = (real)(u < 0 ? u - 0.01 : u + 0.01);
    }
    return x;
}

static inline double weighted_sum(const real *y, const real *r, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)y[i] * r[i];
    return sum;
}

/* The largest difference between analytic[i] and the central difference of loss in x[i], over
 * every stride-th i, relative to the largest gradient met. */
static inline double gradient_error(Loss *loss, void *arg, real *x, const real *analytic, size_t n,
                                    size_t stride, double h)
{
    double worst = 0, largest = 0;
    for (size_t i = 0; i < n; i += stride) {
        real kept = x[i];
        x[i] = (real)(kept + h);
        double up = loss(arg);
        x[i] = (real)(kept - h);
        double numeric = (up - loss(arg)) / (2 * h);
        x[i] = kept;
        worst = fmax(worst, fabs(numeric - analytic[i]));
        if (isnan(numeric) || isnan((double)analytic[i]))
            return INFINITY;
        largest = fmax(largest, fabs(numeric));
    }
    return largest > 0 ? worst / largest : worst;
}

#endif
