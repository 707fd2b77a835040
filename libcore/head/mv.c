/* MV-Softmax, or SV-X: mis-classified vectors weigh more (arXiv 1912.00833).
 *
 *     mv-am:   f = g - m             mv-arc:   f = cos(theta + m)
 *     z_j = s (t c_j + t - 1) if c_j > f, else s c_j
 *     z_y = s f, or s g without a margin (`easy`)
 *
 * Which negatives are above f is a constant to the gradient. */
#include "head/rule_internal.h"

enum { S, M, T, EASY };

static const HeadOption am_options[] = {
    HEAD_SCALE(32),
    {"m", 0.35, -2, 2, "margin subtracted from the cosine of the positive"},
    {"t", 1.2, 0, 100, "factor on a hard negative, which also gets t - 1 added"},
    {"easy", 1, 0, 2,
     "no margin where the own cosine is not above 0 (1) or m (2); 0: always a margin"},
    HEAD_INIT(0),
    HEAD_COSINES,
    {0},
};

static const HeadOption arc_options[] = {
    HEAD_SCALE(32),
    {"m", 0.35, 0, M_PI, "angle in radians added to that of the positive"},
    {"t", 1.2, 0, 100, "factor on a hard negative, which also gets t - 1 added"},
    {"easy", 1, 0, 1, "1: no margin on a positive whose own cosine is not above 0"},
    HEAD_INIT(0),
    HEAD_COSINES,
    {0},
};

static const HeadPreset am_presets[] = {
    {"facexzoo", "s=32 m=0.35 t=1.12 easy=2", "FaceX-Zoo's code and settings"},
    {0},
};

static const HeadPreset arc_presets[] = {
    {"facexzoo", "s=32 m=0.35 t=1.12 easy=1", "FaceX-Zoo's code and settings"},
    {0},
};

static void am_batch(HeadState *state, HeadRow *row, int64_t rows)
{
    for (int64_t i = 0; i < rows; i++)
        row[i].limit = row[i].cosine - state->value[M];
}

static void arc_batch(HeadState *state, HeadRow *row, int64_t rows)
{
    double slope;
    for (int64_t i = 0; i < rows; i++)
        row[i].limit = head_add_angle(row[i].cosine, state->value[M], &slope);
}

static void negatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z, real *d,
                      const real *c, const real *aux, int64_t n)
{
    (void)aux;
    double s = state->value[S], t = state->value[T];
    head_hard_negatives(hard, z, d, c, n, row->limit, s, t, t - 1);
}

static void am_positive(const HeadState *state, HeadRow *row)
{
    const double *value = state->value;
    double least = value[EASY] == 0 ? -2 : value[EASY] == 1 ? 0 : value[M];
    row->margin = row->cosine > least ? value[M] : 0;
    row->positive = value[S] * (row->cosine - row->margin);
    row->slope = value[S];
}

static void arc_positive(const HeadState *state, HeadRow *row)
{
    const double *value = state->value;
    double slope;
    row->margin = value[EASY] == 0 || row->cosine > 0 ? value[M] : 0;
    row->positive = value[S] * head_add_angle(row->cosine, row->margin, &slope);
    row->slope = value[S] * slope;
}

const HeadRule head_mv_am = {
    .info = {"mv-am", "CosFace with re-weighted hard negatives", am_options, am_presets},
    .negatives = negatives,
    .margins = 1 << M,
    .mines = true,
    .positive = am_positive,
    .batch = am_batch,
};

const HeadRule head_mv_arc = {
    .info = {"mv-arc", "ArcFace with re-weighted hard negatives", arc_options, arc_presets},
    .negatives = negatives,
    .margins = 1 << M,
    .angle = 1,
    .mines = true,
    .positive = arc_positive,
    .batch = arc_batch,
};
