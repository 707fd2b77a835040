/* The losses without a margin.
 *
 * softmax:   z_j = w_j.x + b_j, nothing normalised, a bias for each identity.
 * normface:  z_j = s c_j (arXiv 1704.06369), the scale fixed. */
#include "head/rule_internal.h"

static const HeadOption softmax_options[] = {HEAD_INIT(0.01), {0}};
static const HeadOption normface_options[] = {HEAD_SCALE(32), HEAD_INIT(0), HEAD_COSINES, {0}};

CLONES void head_softmax_negatives(const HeadState *state, const HeadRow *row, HeadHard *hard,
                                   real *z, real *d, const real *c, const real *aux, int64_t n)
{
    (void)state, (void)row, (void)hard;
    for (int64_t j = 0; j < n; j++) {
        z[j] = c[j] + aux[j];
        d[j] = 1;
    }
}

void head_softmax_positive(const HeadState *state, HeadRow *row)
{
    row->positive = row->cosine + (double)state->aux[row->label];
    row->slope = 1;
}

static void normface_positive(const HeadState *state, HeadRow *row)
{
    row->positive = state->value[0] * row->cosine;
    row->slope = state->value[0];
}

const HeadRule head_softmax = {
    .info = {"softmax", "inner products and a bias, nothing normalised", softmax_options, NULL},
    .aux = "bias",
    .aux_momentum = "bias.momentum",
    .aux_square = "bias.square",
    .raw = true,
    .negatives = head_softmax_negatives,
    .positive = head_softmax_positive,
};

const HeadRule head_normface = {
    .info = {"normface", "scaled cosines, no margin", normface_options, NULL},
    .negatives = head_plain_negatives,
    .positive = normface_positive,
};
