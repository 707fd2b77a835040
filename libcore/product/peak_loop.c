#include "product/peak_loop_internal.h"

#include "base/real_internal.h"

/* Multiply-adds take four or five cycles, and two begin in each: ten sums must be under way to keep
 * both units busy. Of sixteen registers that leaves enough for the rest. */
enum { SUMS = LANE_BYTES == 64 ? 12 : 10, ROUNDS = (1 << 22) / SUMS };

FOR_WIDTH static void run(real *out, real half)
{
    Lanes sum[SUMS], factor = {0}, all = {0};
    factor += half;
#pragma GCC unroll 12
    for (int k = 0; k < SUMS; k++)
        sum[k] = factor * (real)k;
    for (int i = 0; i < ROUNDS; i++)
#pragma GCC unroll 12
        for (int k = 0; k < SUMS; k++)
            sum[k] = sum[k] * factor + factor;
#pragma GCC unroll 12
    for (int k = 0; k < SUMS; k++)
        all += sum[k];
    *out = all[0];
}

const PeakLoop OF_WIDTH(peak_loop) = {run, 2.0 * (LANES * SUMS * ROUNDS)};
