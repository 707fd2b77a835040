/* The logits of SphereFace, for the heads that build on it: their options begin with these. */
#ifndef HEAD_SPHERE_INTERNAL_H
#define HEAD_SPHERE_INTERNAL_H

#include "head/rule_internal.h"

/* clang-format off */
#define SPHERE_OPTIONS                                                                             \
    {"s", 0, 0, 1e4, "scale of the logits; 0: the length of the embedding"},                       \
    {"m", 4, 1, 16, "factor on the angle"},                                                        \
    {"lambda-base", 1000, 0, 1e9, "initial weight of the plain cosine"},                           \
    {"lambda-gamma", 0.12, 0, 1e9, "how fast it falls with the steps"},                            \
    {"lambda-power", 1, 0, 100, "the power of its fall"},                                          \
    {"lambda-least", 5, 0, 1e9, "the smallest weight"},                                            \
    {"straight", 0, 0, 1, "1: the slope of the positive is that of its cosine"}
/* clang-format on */

enum {
    SPHERE_S,
    SPHERE_M,
    SPHERE_BASE,
    SPHERE_GAMMA,
    SPHERE_POWER,
    SPHERE_LEAST,
    SPHERE_STRAIGHT,
    SPHERE_NEXT
};

HeadNegatives sphere_negatives;
void sphere_positive(const HeadState *state, HeadRow *row);
double sphere_radial(const HeadState *state, const HeadRow *row, int64_t rows);

#endif
