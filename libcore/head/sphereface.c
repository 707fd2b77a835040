/* SphereFace, the multiplied angle (arXiv 1704.08063):
 *
 *     psi = (-1)^k cos(m theta) - 2k,  k = floor(m theta / pi)
 *     z_j = r c_j,  z_y = r (lambda g + psi) / (1 + lambda)
 *     lambda = max(least, base (1 + gamma step)^-power)
 *
 * where r is ||x||, or s when that is set, and steps are counted from 1. k and lambda are constants
 * to the gradient. With `straight` the distance of psi from g is one too, so the slope is r. */
#include "head/sphere_internal.h"

static const HeadOption options[] = {
    SPHERE_OPTIONS,
    HEAD_INIT(0),
    HEAD_COSINES,
    {0},
};

static const HeadPreset presets[] = {
    {"opensphere", "s=30 m=1.7 lambda-base=0 lambda-least=0 straight=1",
     "normalised embeddings and a straight slope, no annealing"},
    {0},
};

static double radius(const HeadState *state, const HeadRow *row)
{
    return state->value[SPHERE_S] > 0 ? state->value[SPHERE_S] : row->norm;
}

CLONES static void scale_negatives(real *z, real *d, const real *c, real r, int64_t n)
{
    for (int64_t j = 0; j < n; j++) {
        z[j] = r * c[j];
        d[j] = r;
    }
}

void sphere_negatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z, real *d,
                      const real *c, const real *aux, int64_t n)
{
    (void)hard, (void)aux;
    scale_negatives(z, d, c, (real)radius(state, row), n);
}

void sphere_positive(const HeadState *state, HeadRow *row)
{
    const double *value = state->value;
    double g = row->cosine, r = radius(state, row), angle = value[SPHERE_M] * acos(g);
    double k = floor(angle / M_PI), sign = fmod(k, 2) == 0 ? 1 : -1;
    double psi = sign * cos(angle) - 2 * k;
    double slope =
        sign * value[SPHERE_M] * sin(angle) / fmax(head_sine(g), sqrt((double)REAL_EPSILON));
    double fall = pow(1 + value[SPHERE_GAMMA] * (state->step + 1), -value[SPHERE_POWER]);
    double lambda = fmax(value[SPHERE_LEAST], value[SPHERE_BASE] * fall);
    row->positive = r * (lambda * g + psi) / (1 + lambda);
    row->slope = r * (value[SPHERE_STRAIGHT] != 0 ? 1 : (lambda + slope) / (1 + lambda));
}

/* Every logit is ||x|| times something, and pull is the sum over j of dL/dz_j z_j, but for the
 * positive, whose logit is not slope times cosine. */
double sphere_radial(const HeadState *state, const HeadRow *row, int64_t rows)
{
    if (state->value[SPHERE_S] > 0 || row->norm == 0)
        return 0;
    double q = -row->miss / (double)rows;
    return (row->pull + q * (row->positive - row->slope * row->cosine)) / row->norm;
}

const HeadRule head_sphereface = {
    .info = {"sphereface", "multiplied angle, annealed", options, presets},
    .negatives = sphere_negatives,
    .factors = 1 << SPHERE_M,
    .positive = sphere_positive,
    .radial = sphere_radial,
};
