/* NPCFace: negative-positive collaboration (arXiv 2007.10172).
 *
 *     hard_j = c_j > cos(theta_y + m)                     for j != y
 *     z_j    = s (t c_j + a) if hard_j, else s c_j
 *     margin = m0 + m1 * mean of c_j over the hard j      (m0 where none is hard)
 *     z_y    = s cos(theta_y + margin)                    (s g with the easy margin and g <= 0)
 *
 * hard_j and the margin are constants to the gradient, as in the authors' code. */
#include "head/rule_internal.h"

enum { S, M, M0, M1, T, A, EASY };

static const HeadOption options[] = {
    HEAD_SCALE(32),
    {"m", 0.35, 0, M_PI, "angle in radians past which a negative counts as hard"},
    {"m0", 0.40, -M_PI, M_PI, "margin of the positive where no negative is hard"},
    {"m1", 0.20, -M_PI, M_PI, "growth of the margin with the mean cosine of the hard negatives"},
    {"t", 1.10, 0, 100, "factor on the cosine of a hard negative"},
    {"a", 0.20, -100, 100, "added to the cosine of a hard negative"},
    {"easy", 1, 0, 1, "1: no margin on a positive whose own cosine is not above 0"},
    HEAD_INIT(0),
    HEAD_COSINES,
    {0},
};

static const HeadPreset presets[] = {
    {"facexzoo", "s=32 m=0.35 m0=0.4 m1=0.2 t=1.1 a=0.2 easy=1", "the authors' code and settings"},
    {"paper-v1", "s=32 m=0.4 m0=0.4 m1=0.2 t=1.1 a=0.25 easy=1",
     "the first version of the paper: a = 0.25, hard past m0"},
    {0},
};

static void batch(HeadState *state, HeadRow *row, int64_t rows)
{
    double m = state->value[M], slope;
    for (int64_t i = 0; i < rows; i++)
        row[i].limit = head_add_angle(row[i].cosine, m, &slope);
}

static void negatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z, real *d,
                      const real *c, const real *aux, int64_t n)
{
    (void)aux;
    const double *value = state->value;
    head_hard_negatives(hard, z, d, c, n, row->limit, value[S], value[T], value[A]);
}

static void positive(const HeadState *state, HeadRow *row)
{
    const double *value = state->value;
    double mean = row->hard > 0 ? row->hard_sum / row->hard : 0, slope = 1, z = row->cosine;
    row->margin = value[M0] + value[M1] * mean;
    if (value[EASY] == 0 || row->cosine > 0)
        z = head_add_angle(row->cosine, row->margin, &slope);
    row->positive = value[S] * z;
    row->slope = value[S] * slope;
}

const HeadRule head_npcface = {
    .info = {"npcface", "margin from the hard negatives, which are re-weighted", options, presets},
    .negatives = negatives,
    .margins = 1 << M0 | 1 << M1,
    .angle = 1,
    .mines = true,
    .positive = positive,
    .batch = batch,
};
