/* Li-ArcFace, of AirFace: a logit that is linear in the angle (arXiv 1907.12256):
 *
 *     z_j = s (pi - 2 theta_j) / pi,  z_y = s (pi - 2 (theta + m)) / pi
 */
#include "head/rule_internal.h"

enum { S, M };

static const HeadOption options[] = {
    HEAD_SCALE(64),
    {"m", 0.45, 0, M_PI, "angle in radians added to that of the positive"},
    HEAD_INIT(0),
    HEAD_COSINES,
    {0},
};

/* The slope of -2 theta / pi, 2 / (pi sin theta); by the rounding of a number's root at most. There
 * it meets a tangent of length sin theta, so that at 0 and pi a pair pulls at neither vector. */
static double slope_of(double g)
{
    double sine = head_sine(g);
    return 2 / M_PI * sine / fmax(sine * sine, (double)REAL_EPSILON);
}

static void negatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z, real *d,
                      const real *c, const real *aux, int64_t n)
{
    (void)row, (void)hard, (void)aux;
    double s = state->value[S];
    for (int64_t j = 0; j < n; j++) {
        z[j] = (real)(s * (1 - 2 / M_PI * acos((double)c[j])));
        d[j] = (real)(s * slope_of((double)c[j]));
    }
}

static void positive(const HeadState *state, HeadRow *row)
{
    double s = state->value[S], angle = acos(row->cosine) + state->value[M];
    row->margin = state->value[M];
    row->positive = s * (1 - 2 / M_PI * angle);
    row->slope = s * slope_of(row->cosine);
}

const HeadRule head_li_arcface = {
    .info = {"li-arcface", "logits linear in the angle (AirFace)", options, NULL},
    .margins = 1 << M,
    .negatives = negatives,
    .positive = positive,
};
