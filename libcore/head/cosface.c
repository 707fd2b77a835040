/* CosFace, or AM-Softmax: z_y = s (g - m) (arXiv 1801.09414, 1801.05599). */
#include "head/rule_internal.h"

enum { S, M, EASY };

static const HeadOption options[] = {
    HEAD_SCALE(64),
    {"m", 0.35, -2, 2, "margin subtracted from the cosine of the positive"},
    {"easy", 0, 0, 1, "1: no margin on a positive whose own cosine is not above 0"},
    HEAD_INIT(0),
    HEAD_COSINES,
    {0},
};

static const HeadPreset presets[] = {
    {"am-softmax", "s=30 m=0.35", "the scale of AM-Softmax"},
    {"facexzoo", "s=32 m=0.35", "FaceX-Zoo's settings"},
    {"insightface", "s=64 m=0.4 init=0.01", "arcface_torch's settings"},
    {0},
};

static void positive(const HeadState *state, HeadRow *row)
{
    const double *value = state->value;
    row->margin = value[EASY] != 0 && row->cosine <= 0 ? 0 : value[M];
    row->positive = value[S] * (row->cosine - row->margin);
    row->slope = value[S];
}

const HeadRule head_cosface = {
    .info = {"cosface", "margin on the cosine (AM-Softmax)", options, presets},
    .negatives = head_plain_negatives,
    .margins = 1 << M,
    .positive = positive,
};
