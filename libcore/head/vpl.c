/* VPL: ArcFace against centres that lean to the latest embedding of their identity (Variational
 * Prototype Learning, Deng et al., CVPR 2021).
 *
 *     w'_j = (1 - lambda) w_j / |w_j| + lambda q_j
 *
 * takes the place of w_j, where q_j is the last embedding of identity j, of length 1, seen at most
 * `within` steps ago, and more than `from` steps are done; else w_j stays. Only w_j has a gradient.
 * Of an identity that a batch has twice, the last row counts. */
#include <string.h>

#include "head/rule_internal.h"

enum { S, M, PAST, STRAIGHT, LAMBDA, FROM, WITHIN };

static const HeadOption options[] = {
    HEAD_SCALE(64),
    {"m", 0.5, 0, M_PI, "angle in radians added to that of the positive"},
    {"past", 0, 0, 2, "logit past pi - m: 0 the same, 1 s (g - m sin m), 2 s g"},
    {"straight", 0, 0, 1, "1: the slope of the positive is that of its cosine"},
    {"lambda", 0.15, 0, 0.99, "how far a centre leans to the embedding"},
    {"from", 8000, 0, 1e9, "steps before centres lean"},
    {"within", 200, 0, 1e9, "steps for which an embedding counts"},
    HEAD_INIT(0.01),
    HEAD_FILTER,
    {0},
};

/* This step, counted from 1; seen[j] is 0 where j was not seen. */
static double lean(const HeadState *state, int64_t identity)
{
    const double *value = state->value;
    double now = state->step + 1, seen = (double)state->seen[identity];
    return now > value[FROM] && seen > 0 && now - seen <= value[WITHIN] ? value[LAMBDA] : 0;
}

static void update(HeadState *state, const HeadRow *row, const HeadBatch *batch,
                   const Optimiser *optimiser)
{
    (void)optimiser;
    for (int64_t k = 0; k < batch->present; k++) {
        int64_t last = batch->order[batch->first[k + 1] - 1], j = row[last].label;
        memcpy(state->vector + j * batch->dim, batch->unit + last * batch->dim,
               (size_t)batch->dim * sizeof(real));
        state->seen[j] = (real)(state->step + 1);
    }
}

const HeadRule head_vpl = {
    .info = {"vpl", "ArcFace, centres lean to the latest embeddings", options, NULL},
    .vector = "feature",
    .seen = "seen",
    .margins = 1 << M,
    .angle = 1,
    .negatives = head_plain_negatives,
    .positive = head_arcface_positive,
    .lean = lean,
    .update = update,
};
