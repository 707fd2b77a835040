/* The mean of each person's embeddings, which are of length 1: a template a person. */
#ifndef IDENTIFY_MEANS_INTERNAL_H
#define IDENTIFY_MEANS_INTERNAL_H

#include <stdint.h>

#include "base/err.h"

typedef struct Means {
    int64_t people, d;
    double *sum; /* [people,d] */
} Means;         /* zeroed is empty */

/* Adds unit[n,d] of person[n], each below `people`, which may grow from call to call; those of -1
 * are left out. d must be the same each time. */
int means_add(Means *means, const float *unit, const int64_t *person, int64_t n, int64_t d,
              int64_t people, Err *err);

/* out[people,d] = the means, of length 1; zeros where somebody has none, or they cancel. */
void means_units(float *out, const Means *means);

void means_release(Means *means); /* safe on a zeroed one */

#endif
