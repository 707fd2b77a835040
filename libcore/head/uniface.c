/* UniFace: one threshold b for all identities (Zhou et al., ICCV 2023).
 *
 *     u_y = s (g - m) - b,  u_j = s c_j - b,  kept within +-s
 *     L   = mean over rows of  softplus(-u_y) + l sum over j != y of softplus(u_j)
 *
 * b is learned; it starts at ln(10 C r), where r is the share of identities that are sampled. */
#include "head/binary_internal.h"

enum { S, M, L };

static const HeadOption options[] = {
    HEAD_SCALE(64),
    {"m", 0.4, -2, 2, "margin subtracted from the cosine of the positive"},
    {"l", 1, 0, 1e6, "weight of the negatives"},
    HEAD_INIT(0),
    HEAD_START(5),
    HEAD_COSINES,
    {0},
};

static void start(HeadState *state)
{
    state->now[BINARY_B] = (real)log(10 * (double)state->identities * state->rate);
}

CLONES static void negatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z,
                             real *d, const real *c, const real *aux, int64_t n)
{
    (void)row, (void)aux;
    real s = (real)state->value[S], b = (real)state->now[BINARY_B], l = (real)state->value[L];
    real sum = 0;
#pragma omp simd reduction(- : sum)
    for (int64_t j = 0; j < n; j++) {
        real u = s * c[j] - b, slope, kept = u > s ? s : u < -s ? -s : u;
        z[j] = l * binary_softplus(kept, &slope);
        slope = kept == u ? l * slope : 0;
        d[j] = s * slope;
        sum -= slope;
    }
    hard->sum += (double)sum;
}

static void positive(const HeadState *state, HeadRow *row)
{
    const double *value = state->value;
    double s = value[S], u = s * (row->cosine - value[M]) - (double)state->now[BINARY_B];
    double kept = fmax(-s, fmin(s, u));
    row->margin = value[M];
    row->miss = 1 / (1 + exp(kept));
    row->positive = fmax(-kept, 0) + log1p(exp(-fabs(kept)));
    row->limit = kept == u ? row->miss : 0;
    row->slope = -s * row->limit;
}

const HeadRule head_uniface = {
    .info = {"uniface", "a sigmoid of each logit, one learned threshold", options, NULL},
    .state = {"b", "b.momentum", "b.square"},
    .squares = 1 << BINARY_SQUARE,
    .sums = true,
    .margins = 1 << M,
    .negatives = negatives,
    .positive = positive,
    .start = start,
    .update = binary_update,
};
