/* Center loss: softmax, and every embedding is drawn to the mean of its identity (Wen et al., ECCV
 * 2016).
 *
 *     L   = softmax + (lambda / 2) mean over rows of |x - k_y|^2
 *     k_j <- k_j - alpha sum over the n rows of j of (k_j - x) / (1 + n)
 *
 * The k_j start at 0 and are moved by the second line alone, after the step: they have no gradient,
 * no momentum and no decay. */
#include "head/rule_internal.h"

enum { LAMBDA, ALPHA };

static const HeadOption options[] = {
    {"lambda", 0.003, 0, 1e6, "weight of the distances"},
    {"alpha", 0.5, 0, 1, "how far a mean moves towards the embeddings of a batch"},
    HEAD_INIT(0.01),
    {0},
};

static const HeadPreset presets[] = {
    {"paper", "lambda=0.003 alpha=0.5 init=0.01", "the weights that the paper settles on"},
    {0},
};

CLONES static double pull(real *dx, const real *x, const real *mean, double share, int64_t dim)
{
    double sum = 0;
    for (int64_t k = 0; k < dim; k++) {
        double away = (double)x[k] - mean[k];
        dx[k] = (real)(share * away);
        sum += away * away;
    }
    return sum;
}

static void embeddings(const HeadState *state, HeadRow *row, const HeadBatch *batch)
{
    double lambda = state->value[LAMBDA];
    int64_t dim = batch->dim;
    for (int64_t i = 0; i < batch->rows; i++)
        row[i].term = lambda / 2 *
                      pull(batch->dx + i * dim, batch->x + i * dim,
                           state->vector + row[i].label * dim, lambda / (double)batch->rows, dim);
}

static void update(HeadState *state, const HeadRow *row, const HeadBatch *batch,
                   const Optimiser *optimiser)
{
    (void)optimiser;
    head_move_towards(state->vector, 0, state->identities, state->value[ALPHA], row, batch);
}

const HeadRule head_center = {
    .info = {"center", "softmax, embeddings drawn to the mean of their identity", options, presets},
    .aux = "bias",
    .aux_momentum = "bias.momentum",
    .aux_square = "bias.square",
    .vector = "class_mean",
    .raw = true,
    .negatives = head_softmax_negatives,
    .positive = head_softmax_positive,
    .embeddings = embeddings,
    .update = update,
};
