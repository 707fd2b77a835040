/* CurricularFace: hard negatives weigh more as training goes on (arXiv 2004.00288).
 *
 *     t   <- (1 - keep) * mean of g over the batch + keep * t, before it is used
 *     z_j = s c_j (t + c_j) if c_j > cos(theta + m), else s c_j
 *     z_y = s cos(theta + m), or s (g - m sin m) past pi - m
 *
 * t and which negatives are hard are constants to the gradient. */
#include "head/rule_internal.h"

enum { S, M, KEEP };

static const HeadOption options[] = {
    HEAD_SCALE(64),
    {"m", 0.5, 0, M_PI, "angle in radians added to that of the positive"},
    {"keep", 0.99, 0, 1, "fraction of t that is kept from step to step"},
    HEAD_INIT(0.01),
    HEAD_COSINES,
    {0},
};

static void batch(HeadState *state, HeadRow *row, int64_t rows)
{
    double mean = 0, slope, keep = state->value[KEEP];
    for (int64_t i = 0; i < rows; i++) {
        mean += row[i].cosine / (double)rows;
        row[i].limit = head_add_angle(row[i].cosine, state->value[M], &slope);
    }
    state->next[0] = (1 - keep) * mean + keep * state->next[0];
}

CLONES static void negatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z,
                             real *d, const real *c, const real *aux, int64_t n)
{
    (void)aux;
    real s = (real)state->value[S], t = (real)state->next[0], limit = (real)row->limit;
    real count = 0, sum = 0;
#pragma omp simd reduction(+ : count, sum)
    for (int64_t j = 0; j < n; j++) {
        real is_hard = c[j] > limit ? 1 : 0;
        z[j] = s * c[j] * (c[j] > limit ? t + c[j] : 1);
        d[j] = s * (c[j] > limit ? t + 2 * c[j] : 1);
        count += is_hard;
        sum += is_hard * c[j];
    }
    hard->count += (double)count;
    hard->sum += (double)sum;
}

static void positive(const HeadState *state, HeadRow *row)
{
    double m = state->value[M], slope, g = row->cosine, z = head_add_angle(g, m, &slope);
    row->margin = m;
    if (g <= cos(M_PI - m)) {
        z = g - m * sin(m);
        slope = 1;
    }
    row->positive = state->value[S] * z;
    row->slope = state->value[S] * slope;
}

const HeadRule head_curricularface = {
    .info = {"curricularface", "hard negatives weigh more as training goes on", options, NULL},
    .state = {"t"},
    .negatives = negatives,
    .margins = 1 << M,
    .angle = 1,
    .mines = true,
    .positive = positive,
    .batch = batch,
};
