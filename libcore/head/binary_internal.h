/* Heads that ask of every centre on its own whether the embedding is its own: a sigmoid of each
 * logit u = s c + b instead of a softmax of all, with a learned b that all centres share. It
 * keeps b and what the optimiser knows of it. */
#ifndef HEAD_BINARY_INTERNAL_H
#define HEAD_BINARY_INTERNAL_H

#include "head/rule_internal.h"
#include "head/vexp_internal.h"

enum { BINARY_B, BINARY_MOMENTUM, BINARY_SQUARE };

/* log1p for 0 <= x <= 1, for loops that the compiler vectorises: 2 artanh(y), y = x / (2 + x) <=
 * 1/3, by its series, whose rest of 1e-9 is far under float's rounding. */
static inline real binary_log1p(real x)
{
#ifdef REAL_DOUBLE
    return log1p(x);
#else
    float y = x / (2 + x), square = y * y, sum = 1.0f / 15;
    sum = sum * square + 1.0f / 13;
    sum = sum * square + 1.0f / 11;
    sum = sum * square + 1.0f / 9;
    sum = sum * square + 1.0f / 7;
    sum = sum * square + 1.0f / 5;
    sum = sum * square + 1.0f / 3;
    return 2 * y * (sum * square + 1);
#endif
}

/* ln(1 + exp u), and its slope, 1 / (1 + exp -u) */
static inline real binary_softplus(real u, real *slope)
{
    real tail = vexp(u > 0 ? -u : u);
    *slope = (u > 0 ? 1 : tail) / (1 + tail);
    return (u > 0 ? u : 0) + binary_log1p(tail);
}

/* Updates b as the centres are updated. The gradient is the mean of the rows': what their negatives
 * added to `hard_sum`, and their positives' `limit`. */
void binary_update(HeadState *state, const HeadRow *row, const HeadBatch *batch,
                   const Optimiser *optimiser);

#endif
