/* UniformFace: the centres of a batch's identities push each other apart (Duan, Lu and Zhou, CVPR
 * 2019), beside the loss of SphereFace.
 *
 *     L  += alpha / (M (M - 1)) sum over pairs j < k of the batch's M identities of
 *           1 / (1 + |w_j - w_k|)
 *     w_j <- w_j - beta sum over the n rows of j of (w_j - x) / (1 + n)
 *
 * Centres as they are, not of length 1. The second line comes after the update. Equal centres do
 * not push. As implemented by ka-tsu-mo; a sum over j != k is twice that, alpha=2. */
#include "head/sphere_internal.h"

enum { ALPHA = SPHERE_NEXT, BETA };

static const HeadOption options[] = {
    SPHERE_OPTIONS,
    {"alpha", 1, 0, 1e6, "weight of the push between centres"},
    {"beta", 0.001, 0, 1, "how far a centre moves towards the embeddings of a batch"},
    HEAD_INIT(0),
    HEAD_START(2),
    HEAD_FILTER,
    {0},
};

static const HeadPreset presets[] = {
    {"still", "alpha=1 beta=0", "centres move by gradient alone"},
    {0},
};

CLONES static double distance_of(const real *a, const real *b, int64_t n)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t k = 0; k < n; k++)
        sum += ((double)a[k] - b[k]) * ((double)a[k] - b[k]);
    return sqrt(sum);
}

CLONES static void push(real *g, const real *a, const real *b, real by, int64_t n)
{
    for (int64_t k = 0; k < n; k++)
        g[k] += by * (a[k] - b[k]);
}

typedef struct Spread {
    const HeadBatch *batch;
    double alpha;
    double *sum; /* [present], of each centre with those after it */
} Spread;

/* All pairs of one centre; each pair is met from both of its ends. */
static void spread_one(void *arg, int64_t k, int worker)
{
    (void)worker;
    const Spread *s = arg;
    int64_t n = s->batch->present, dim = s->batch->dim;
    double share = s->alpha / ((double)n * (double)(n - 1)), sum = 0;
    for (int64_t j = 0; j < n; j++) {
        const real *a = s->batch->present_weight + k * dim;
        const real *b = s->batch->present_weight + j * dim;
        double d = j != k ? distance_of(a, b, dim) : 0, near = 1 / (1 + d);
        sum += j > k ? share * near : 0;
        if (!(d == 0))
            push(s->batch->dw + k * dim, a, b, (real)(-share * near * near / d), dim);
    }
    s->sum[k] = sum;
}

static void centres(HeadState *state, const HeadRow *row, const HeadBatch *batch)
{
    (void)row;
    Spread s = {batch, state->value[ALPHA], batch->memory};
    if (batch->present < 2)
        return;
    pool_run(batch->pool, batch->present, spread_one, &s);
    for (int64_t k = 0; k < batch->present; k++)
        state->penalty += s.sum[k];
}

static void update(HeadState *state, const HeadRow *row, const HeadBatch *batch,
                   const Optimiser *optimiser)
{
    (void)optimiser;
    if (state->value[BETA] > 0)
        head_move_towards(batch->weight, batch->begin, batch->end, state->value[BETA], row, batch);
}

const HeadRule head_uniformface = {
    .info = {"uniformface", "SphereFace, centres push each other apart", options, presets},
    .negatives = sphere_negatives,
    .factors = 1 << SPHERE_M,
    .positive = sphere_positive,
    .radial = sphere_radial,
    .centres = centres,
    .row_bytes = sizeof(double),
    .update = update,
};
