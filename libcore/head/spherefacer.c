/* SphereFace-R, "SphereFace Revived", with the length of embeddings normalised (arXiv 2109.05565):
 *
 *     v=0:  z_y = s ((-1)^k cos(m theta) - 2k),  k = floor(m theta / pi)
 *     v=1:  z_y = s cos(min(m theta, pi))
 *     v=2:  z_j = s cos(theta_j / m) for the negatives, z_y = s g
 *     L   = (weight / s) softmax
 *
 * As in OpenSphere all slopes are those of the plain cosine (`straight`); with straight=0 they are
 * those of the formulas. */
#include "head/rule_internal.h"

enum { S, M, V, WEIGHT, STRAIGHT };

static const HeadOption options[] = {
    HEAD_SCALE(30),
    {"m", 1.5, 1, 16, "factor on the angle"},
    {"v", 0, 0, 2, "the version of the margin"},
    {"weight", 50, 1e-3, 1e6, "times the scale, of the loss"},
    {"straight", 1, 0, 1, "0: slopes are those of the formulas, not of the cosines"},
    HEAD_INIT(0),
    HEAD_START(2),
    HEAD_COSINES,
    {0},
};

static const HeadPreset presets[] = {
    {"v0", "s=30 m=1.5 v=0 weight=50", "OpenSphere's HFN, version 0"},
    {"v1", "s=30 m=1.5 v=1 weight=50", "OpenSphere's HFN, version 1"},
    {"v2", "s=30 m=1.5 v=2 weight=50", "OpenSphere's HFN, version 2"},
    {0},
};

/* sin(angle) / sin(theta), bounded where theta is 0 or pi */
static double ratio(double angle, double g)
{
    double sine = head_sine(g);
    return sin(angle) * sine / fmax(sine * sine, (double)REAL_EPSILON);
}

static void negatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z, real *d,
                      const real *c, const real *aux, int64_t n)
{
    const double *value = state->value;
    head_plain_negatives(state, row, hard, z, d, c, aux, n);
    for (int64_t j = 0; j < n && value[V] == 2; j++) {
        double angle = acos((double)c[j]) / value[M];
        z[j] = (real)(value[S] * cos(angle));
        if (value[STRAIGHT] == 0)
            d[j] = (real)(value[S] * ratio(angle, (double)c[j]) / value[M]);
    }
}

static void positive(const HeadState *state, HeadRow *row)
{
    const double *value = state->value;
    double g = row->cosine, angle = value[M] * acos(g), z = g, slope = 1;
    double k = floor(angle / M_PI), sign = fmod(k, 2) == 0 ? 1 : -1;
    if (value[V] == 0) {
        z = sign * cos(angle) - 2 * k;
        slope = sign * value[M] * ratio(angle, g);
    } else if (value[V] == 1) {
        z = cos(fmin(angle, M_PI));
        slope = angle < M_PI ? value[M] * ratio(angle, g) : 0;
    }
    row->margin = g - z;
    row->positive = value[S] * z;
    row->slope = value[S] * (value[STRAIGHT] != 0 ? 1 : slope);
}

static double weight(const HeadState *state)
{
    return state->value[WEIGHT] / state->value[S];
}

const HeadRule head_sphereface_r = {
    .info = {"sphereface-r", "multiplied angle, three versions (HFN)", options, presets},
    .factors = 1 << M,
    .negatives = negatives,
    .positive = positive,
    .weight = weight,
};
