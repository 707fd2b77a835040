/* SphereFace2: binary classification instead of a softmax (arXiv 2108.01513).
 *
 *     h(c) = 2 ((c + 1) / 2)^t - 1
 *     v=0 (C):  u_y = s (h(g) - m) + b,              u_j = s (h(c_j) + m) + b
 *     v=1 (A):  u_y = s h(cos min(theta + m, pi)) + b,  u_j = s h(c_j) + b
 *     sphereface2-m (M):  u_y = s h(cos min(m theta, pi)) + b,  u_j = s h(c_j) + b
 *     L = (weight / s) mean over rows of
 *         alpha softplus(-u_y) + (1 - alpha) sum over j != y of softplus(u_j)
 *
 * b is learned; it starts where orthogonal embeddings and centres have no gradient of b. As in
 * OpenSphere all slopes du/dc are s (`straight`); with straight=0 they are those of the formulas.
 */
#include "head/binary_internal.h"

enum { S, M, T, ALPHA, WEIGHT, STRAIGHT, V };

/* clang-format off */
#define COMMON(alpha, weight, straight)                                                            \
    {"t", 3, 1, 100, "power of the function that spreads cosines"},                                \
    {"alpha", alpha, 1e-3, 0.999, "weight of the positive, 1 - alpha that of each negative"},             \
    {"weight", weight, 1e-3, 1e6, "times the scale, of the loss"},                                 \
    {"straight", straight, 0, 1, "0: slopes are those of the formulas, not of the cosines"}
/* clang-format on */

static const HeadOption options[] = {
    {"s", 40, 1e-3, 1e4, "scale of the logits, r in the paper"},
    {"m", 0.4, 0, 2, "margin: of the cosines, or of the angle"},
    COMMON(0.7, 50, 1),
    {"v", 0, 0, 1, "0: margins on the cosines (C); 1: on the positive's angle (A)"},
    HEAD_INIT(0),
    HEAD_START(4),
    HEAD_COSINES,
    {0},
};

static const HeadOption factor_options[] = {
    {"s", 40, 1e-3, 1e4, "scale of the logits, r in the paper"},
    {"m", 1.5, 1, 16, "factor on the angle of the positive"},
    COMMON(0.7, 50, 1),
    HEAD_INIT(0),
    HEAD_START(4),
    HEAD_COSINES,
    {0},
};

static const HeadPreset presets[] = {
    {"opensphere", "s=40 m=0.4 t=3 alpha=0.7 weight=50 v=0", "OpenSphere's defaults"},
    {"ms1m", "s=64 m=0.5 t=3 alpha=0.8 weight=50 v=0", "OpenSphere's for an R100 on MS1M"},
    {0},
};

static double spread(const HeadState *state, double c)
{
    return 2 * pow((c + 1) / 2, state->value[T]) - 1;
}

static double spread_slope(const HeadState *state, double c)
{
    return state->value[T] * pow((c + 1) / 2, state->value[T] - 1);
}

/* The added b at which, of orthogonal vectors, the gradient of b is 0: the pull of the positive
 * with u = y + b is that of C - 1 negatives with u = i + b. */
static double balanced(const HeadState *state, double y, double i)
{
    double alpha = state->value[ALPHA];
    double z = alpha / ((1 - alpha) * ((double)state->identities - 1));
    double root = sqrt((1 - z) * (1 - z) + 4 * z * exp(y - i));
    if (z < 1)
        return log(2 * z) - i - log(1 - z + root);
    return log(root + z - 1) - log(2) - y; /* the same, without a small difference */
}

static void start(HeadState *state)
{
    const double *value = state->value;
    double y = spread(state, 0) - value[M], i = spread(state, 0) + value[M];
    if (value[V] != 0) {
        y = spread(state, cos(fmin(M_PI, M_PI / 2 + value[M])));
        i = spread(state, 0);
    }
    state->now[BINARY_B] = (real)balanced(state, value[S] * y, value[S] * i);
}

static void factor_start(HeadState *state)
{
    const double *value = state->value;
    double y = spread(state, cos(fmin(M_PI, value[M] * M_PI / 2)));
    state->now[BINARY_B] = (real)balanced(state, value[S] * y, value[S] * spread(state, 0));
}

/* power[n] = ((c + 1) / 2)^(t - 1) */
CLONES static void powers(real *power, const real *c, double t, int64_t n)
{
    for (int64_t j = 0; j < n; j++)
        power[j] = 1;
    for (int k = 1; k < (int)t && t == floor(t); k++)
        for (int64_t j = 0; j < n; j++)
            power[j] *= (c[j] + 1) / 2;
    for (int64_t j = 0; j < n && t != floor(t); j++)
        power[j] = (real)pow(((double)c[j] + 1) / 2, t - 1);
}

CLONES static void spread_negatives(const HeadState *state, double margin, HeadHard *hard, real *z,
                                    real *d, const real *c, int64_t n)
{
    const double *value = state->value;
    real s = (real)value[S], m = (real)margin, b = state->now[BINARY_B], sum = 0;
    real weight = (real)(value[WEIGHT] / value[S] * (1 - value[ALPHA]));
    real steep = value[STRAIGHT] != 0 ? 0 : (real)value[T], even = value[STRAIGHT] != 0 ? 1 : 0;
    powers(d, c, value[T], n);
#pragma omp simd reduction(+ : sum)
    for (int64_t j = 0; j < n; j++) {
        real slope, h = d[j] * (c[j] + 1) - 1;
        z[j] = weight * binary_softplus(s * (h + m) + b, &slope);
        slope *= weight;
        d[j] = slope * s * (even + steep * d[j]);
        sum += slope;
    }
    hard->sum += (double)sum;
}

static void negatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z, real *d,
                      const real *c, const real *aux, int64_t n)
{
    (void)row, (void)aux;
    double m = state->value[V] != 0 ? 0 : state->value[M];
    spread_negatives(state, m, hard, z, d, c, n);
}

static void factor_negatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z,
                             real *d, const real *c, const real *aux, int64_t n)
{
    (void)row, (void)aux;
    spread_negatives(state, 0, hard, z, d, c, n);
}

/* The positive has the cosine `bent`, less m, with the slope dbent/dg. */
static void set_positive(const HeadState *state, HeadRow *row, double bent, double slope, double m)
{
    const double *value = state->value;
    double u = value[S] * (spread(state, bent) - m) + (double)state->now[BINARY_B];
    double weight = value[WEIGHT] / value[S] * value[ALPHA];
    if (value[STRAIGHT] == 0)
        slope *= spread_slope(state, bent);
    else
        slope = 1;
    row->margin = value[M];
    row->miss = 1 / (1 + exp(u));
    row->positive = weight * (fmax(-u, 0) + log1p(exp(-fabs(u))));
    row->limit = -weight * row->miss;
    row->slope = row->limit * value[S] * slope;
}

/* The positive has the cosine of `angle`, kept within pi, whose slope by theta is `by`. */
static void set_angle(const HeadState *state, HeadRow *row, double angle, double by)
{
    double sine = head_sine(row->cosine);
    double slope = by * sin(angle) * sine / fmax(sine * sine, (double)REAL_EPSILON);
    if (angle < M_PI)
        set_positive(state, row, cos(angle), slope, 0);
    else
        set_positive(state, row, -1, 0, 0);
}

static void positive(const HeadState *state, HeadRow *row)
{
    if (state->value[V] == 0)
        set_positive(state, row, row->cosine, 1, state->value[M]);
    else
        set_angle(state, row, acos(row->cosine) + state->value[M], 1);
}

static void factor_positive(const HeadState *state, HeadRow *row)
{
    set_angle(state, row, acos(row->cosine) * state->value[M], state->value[M]);
}

const HeadRule head_sphereface2 = {
    .info = {"sphereface2", "a sigmoid of each logit, margins C and A", options, presets},
    .state = {"b", "b.momentum", "b.square"},
    .squares = 1 << BINARY_SQUARE,
    .sums = true,
    .margins = 1 << M,
    .negatives = negatives,
    .positive = positive,
    .start = start,
    .update = binary_update,
};

const HeadRule head_sphereface2_m = {
    .info = {"sphereface2-m", "SphereFace2 with a factor on the angle", factor_options, NULL},
    .state = {"b", "b.momentum", "b.square"},
    .squares = 1 << BINARY_SQUARE,
    .sums = true,
    .factors = 1 << M,
    .negatives = factor_negatives,
    .positive = factor_positive,
    .start = factor_start,
    .update = binary_update,
};
