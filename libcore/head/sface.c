/* SFace: every cosine is pulled or pushed by a sigmoid of its angle, without a softmax (IEEE TIP
 * 2021, arXiv 2205.12010):
 *
 *     L   = mean over rows of  sum over j != y of r_j s c_j - r_y s g
 *     r_y = 1 / (1 + exp(-k (theta - a))),  r_j = 1 / (1 + exp(k (theta_j - b)))
 *
 * r_y and r_j are constants to the gradient. */
#include "head/rule_internal.h"

enum { S, K, A, B };

static const HeadOption options[] = {
    HEAD_SCALE(64),
    {"k", 80, 0, 1e4, "steepness of the sigmoids"},
    {"a", 0.8, 0, M_PI, "angle under which a positive is left alone"},
    {"b", 1.23, 0, M_PI, "angle past which a negative is left alone"},
    HEAD_INIT(0),
    HEAD_START(3),
    HEAD_COSINES,
    {0},
};

static const HeadPreset presets[] = {
    {"casia", "s=64 k=80 a=0.87 b=1.2", "the authors' constants for CASIA-WebFace"},
    {0},
};

static double sigmoid(double a)
{
    return 1 / (1 + exp(-a));
}

static void negatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z, real *d,
                      const real *c, const real *aux, int64_t n)
{
    (void)row, (void)hard, (void)aux;
    const double *value = state->value;
    for (int64_t j = 0; j < n; j++) {
        double angle = acos((double)c[j]);
        d[j] = (real)(value[S] * sigmoid(value[K] * (value[B] - angle)));
        z[j] = d[j] * c[j];
    }
}

static void positive(const HeadState *state, HeadRow *row)
{
    const double *value = state->value;
    double pull = sigmoid(value[K] * (acos(row->cosine) - value[A]));
    row->slope = -value[S] * pull;
    row->positive = row->slope * row->cosine;
    row->miss = pull;
}

const HeadRule head_sface = {
    .info = {"sface", "cosines weighted by sigmoids of their angles, no softmax", options, presets},
    .sums = true,
    .negatives = negatives,
    .positive = positive,
};
