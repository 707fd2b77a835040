/* ArcNegFace: every negative is weighed by how near it is to the positive
 * (arXiv 1909.00632).
 *
 *     f   = cos(theta + m), or g - m sin m past pi - m;  z_y = s f
 *     t_j = a exp(-(c_j - f - mu)^2 / (2 sigma^2))
 *     z_j = s (t_j c_j + t_j - 1)
 *
 * t_j is a constant to the gradient. */
#include "head/rule_internal.h"
#include "head/vexp_internal.h"

enum { S, M, A, MU, SIGMA };

static const HeadOption options[] = {
    HEAD_SCALE(64),
    {"m", 0.5, 0, M_PI, "angle in radians added to that of the positive"},
    {"a", 1.2, 0, 100, "largest weight of a negative"},
    {"mu", 0, -2, 2, "where that is, relative to the positive's logit over s"},
    {"sigma", 1, 1e-2, 100, "width of the weights"},
    HEAD_INIT(0),
    HEAD_START(1),
    HEAD_COSINES,
    {0},
};

static double bent(double g, double m, double *slope)
{
    double z = head_add_angle(g, m, slope);
    if (g > cos(M_PI - m))
        return z;
    *slope = 1;
    return g - m * sin(m);
}

static void batch(HeadState *state, HeadRow *row, int64_t rows)
{
    double slope;
    for (int64_t i = 0; i < rows; i++)
        row[i].limit = bent(row[i].cosine, state->value[M], &slope);
}

CLONES static void negatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z,
                             real *d, const real *c, const real *aux, int64_t n)
{
    (void)hard, (void)aux;
    const double *value = state->value;
    real s = (real)value[S], a = (real)value[A], centre = (real)(row->limit + value[MU]);
    real narrow = (real)(-1 / (2 * value[SIGMA] * value[SIGMA]));
    for (int64_t j = 0; j < n; j++) {
        real t = a * vexp((c[j] - centre) * (c[j] - centre) * narrow);
        z[j] = s * (t * c[j] + t - 1);
        d[j] = s * t;
    }
}

static void positive(const HeadState *state, HeadRow *row)
{
    const double *value = state->value;
    double slope;
    row->margin = value[M];
    row->positive = value[S] * bent(row->cosine, value[M], &slope);
    row->slope = value[S] * slope;
}

const HeadRule head_arcnegface = {
    .info = {"arcnegface", "ArcFace with negatives weighted by nearness", options, NULL},
    .negatives = negatives,
    .margins = 1 << M,
    .angle = 1,
    .positive = positive,
    .batch = batch,
};
