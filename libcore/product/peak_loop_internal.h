/* What product/peak_internal.h times; only for peak.c. */
#ifndef PRODUCT_PEAK_LOOP_INTERNAL_H
#define PRODUCT_PEAK_LOOP_INTERNAL_H

#include "base/real.h"

/* Multiply-adds of one core, by either width of vectors (base/real_internal.h) */
typedef struct PeakLoop {
    void (*run)(real *out, real half); /* out: what keeps the compiler from leaving all of it out */
    double operations;
} PeakLoop;

extern const PeakLoop peak_loop_wide, peak_loop_narrow;

#endif
