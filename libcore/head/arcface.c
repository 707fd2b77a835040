/* ArcFace: z_y = s cos(theta + m) (arXiv 1801.07698).
 *
 * Past theta = pi - m, where cos(theta + m) would rise again, implementations differ: nothing
 * special, g - m sin m (the classic), or g. arcface_torch computes the cosine outside of the
 * gradient, so its slope is that of g; `straight` does that. */
#include "head/rule_internal.h"

enum { S, M, PAST, STRAIGHT };

static const HeadOption options[] = {
    HEAD_SCALE(64),
    {"m", 0.5, 0, M_PI, "angle in radians added to that of the positive"},
    {"past", 1, 0, 2, "logit past pi - m: 0 the same, 1 s (g - m sin m), 2 s g"},
    {"straight", 0, 0, 1, "1: the slope of the positive is that of its cosine"},
    HEAD_INIT(0),
    HEAD_COSINES,
    {0},
};

static const HeadPreset presets[] = {
    {"insightface", "s=64 m=0.5 past=0 straight=1 init=0.01", "arcface_torch's code and settings"},
    {"sub-center", "s=64 m=0.5 past=0 sub=3", "ArcFace with three centres an identity"},
    {"facexzoo", "s=32 m=0.35 past=2 straight=0", "FaceX-Zoo's code and settings"},
    {0},
};

void head_arcface_positive(const HeadState *state, HeadRow *row)
{
    const double *value = state->value;
    double slope, g = row->cosine, z = head_add_angle(g, value[M], &slope);
    row->margin = value[M];
    if (value[PAST] != 0 && g <= cos(M_PI - value[M])) {
        z = value[PAST] == 2 ? g : g - value[M] * sin(value[M]);
        slope = 1;
    }
    row->positive = value[S] * z;
    row->slope = value[S] * (value[STRAIGHT] != 0 ? 1 : slope);
}

const HeadRule head_arcface = {
    .info = {"arcface", "margin on the angle", options, presets},
    .negatives = head_plain_negatives,
    .margins = 1 << M,
    .angle = 1,
    .positive = head_arcface_positive,
};
