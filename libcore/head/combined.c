/* The combined margin of the ArcFace paper, section 3 (arXiv 1801.07698):
 *
 *     z_y = s (cos(m1 theta + m2) - m3)
 *
 * with the gradient of this formula; arcface_torch leaves m1 and m2 out where m3 is above 0. Past
 * m1 theta + m2 = pi the cosine rises again, as it is written. */
#include "head/rule_internal.h"

enum { S, M1, M2, M3 };

static const HeadOption options[] = {
    HEAD_SCALE(64),
    {"m1", 1, 0, 16, "factor on the angle of the positive"},
    {"m2", 0.3, 0, M_PI, "angle in radians added to it"},
    {"m3", 0.2, -2, 2, "margin subtracted from the cosine of the whole"},
    HEAD_INIT(0),
    HEAD_COSINES,
    {0},
};

static const HeadPreset presets[] = {
    {"mixed", "s=64 m1=1 m2=0.3 m3=0.2", "the paper's mixture, and cavaface's default"},
    {"arcface", "s=64 m1=1 m2=0.5 m3=0", "ArcFace"},
    {"cosface", "s=64 m1=1 m2=0 m3=0.4", "CosFace"},
    {0},
};

static void positive(const HeadState *state, HeadRow *row)
{
    const double *value = state->value;
    double g = row->cosine, sine = head_sine(g), angle = value[M1] * acos(g) + value[M2];
    double z = cos(angle) - value[M3];
    row->margin = g - z;
    row->positive = value[S] * z;
    row->slope = value[S] * value[M1] * sin(angle) * sine / fmax(sine * sine, (double)REAL_EPSILON);
}

const HeadRule head_combined = {
    .info = {"combined", "a margin on the factor, the angle and the cosine", options, presets},
    .margins = 1 << M2 | 1 << M3,
    .factors = 1 << M1,
    .negatives = head_plain_negatives,
    .positive = positive,
};
