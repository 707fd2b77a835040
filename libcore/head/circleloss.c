/* Circle loss on identities (arXiv 2002.10857):
 *
 *     z_y = s a_y (g - (1 - m)),  a_y = max(0, 1 + m - g)
 *     z_j = s a_j (c_j - m),      a_j = max(0, c_j + m)
 *
 * where a_y and a_j are constants to the gradient. */
#include "head/rule_internal.h"

enum { S, M };

static const HeadOption options[] = {
    {"s", 256, 1e-3, 1e4, "scale of the logits, gamma in the paper"},
    {"m", 0.25, -1, 1, "relaxation: positives aim at 1 - m, negatives at m"},
    HEAD_INIT(0),
    HEAD_COSINES,
    {0},
};

CLONES static void negatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z,
                             real *d, const real *c, const real *aux, int64_t n)
{
    (void)row, (void)hard, (void)aux;
    real s = (real)state->value[S], m = (real)state->value[M];
    for (int64_t j = 0; j < n; j++) {
        real a = c[j] + m;
        d[j] = a > 0 ? s * a : 0;
        z[j] = d[j] * (c[j] - m);
    }
}

static void positive(const HeadState *state, HeadRow *row)
{
    double m = state->value[M];
    row->margin = m;
    row->slope = state->value[S] * fmax(0, 1 + m - row->cosine);
    row->positive = row->slope * (row->cosine - (1 - m));
}

const HeadRule head_circleloss = {
    .info = {"circleloss", "cosines weighted by their distance from the target", options, NULL},
    .negatives = negatives,
    .margins = 1 << M,
    .positive = positive,
};
