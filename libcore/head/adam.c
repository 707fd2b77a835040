/* AdaM-Softmax, or AdaptiveFace: every identity learns its margin (CVPR 2019).
 *
 *     z_y = s (g - m_y)
 *     L  += lambda (1 - mean over the identities of m)
 *
 * The margins start uniform in [low, high), are updated as the centres are, and kept within 0 and
 * 1. */
#include "head/rule_internal.h"

enum { S, LAMBDA, LOW, HIGH };

static const HeadOption options[] = {
    HEAD_SCALE(32),
    {"lambda", 70, 0, 1e6, "weight of the penalty that widens the margins"},
    {"low", 0.3, 0, 1, "smallest initial margin"},
    {"high", 0.4, 0, 1, "largest initial margin"},
    HEAD_INIT(0),
    HEAD_COSINES,
    {0},
};

static double draw_margin(const HeadState *state, Rng *rng)
{
    return rng_range(rng, state->value[LOW], state->value[HIGH]);
}

static void batch(HeadState *state, HeadRow *row, int64_t rows)
{
    double sum = 0;
    for (int64_t j = 0; j < state->identities; j++)
        sum += (double)state->aux[j];
    state->penalty = state->value[LAMBDA] * (1 - sum / (double)state->identities);
    for (int64_t i = 0; i < rows; i++)
        row[i].margin = (double)state->aux[row[i].label];
}

static void positive(const HeadState *state, HeadRow *row)
{
    row->positive = state->value[S] * (row->cosine - row->margin);
    row->slope = state->value[S];
}

static void finish(HeadState *state, const HeadRow *row, int64_t rows)
{
    real *gradient = state->aux_gradient;
    for (int64_t j = 0; j < state->identities; j++)
        gradient[j] -= (real)(state->value[LAMBDA] / (double)state->identities);
    for (int64_t i = 0; i < rows; i++)
        gradient[row[i].label] += (real)(state->value[S] * row[i].miss / (double)rows);
}

const HeadRule head_adam_softmax = {
    .info = {"adam-softmax", "a learned margin for each identity (AdaptiveFace)", options, NULL},
    .aux = "margin",
    .aux_momentum = "margin.momentum",
    .aux_square = "margin.square",
    .aux_min = 0,
    .aux_max = 1,
    .negatives = head_plain_negatives,
    .positive = positive,
    .draw_aux = draw_margin,
    .batch = batch,
    .finish = finish,
};
