/* AdaFace: the length of the embedding, as a sign of image quality, sets the margin (arXiv
 * 2204.00964).
 *
 *     n   = ||x|| kept within 0.001 and 100;  mu, sd: running mean and deviation of n
 *     q   = h (n - mu) / (sd + 0.001) kept within +-1
 *     z_y = s (cos(theta - m q) - (m q + m)), the angle kept within 0.001 and pi - 0.001
 *     c_j is kept within +-0.999
 *
 * All but the cosines is constant to the gradient. mu and sd take in the batch before they are
 * used; the deviation of a batch of one row is unknown and leaves sd as it was. */
#include "head/rule_internal.h"

enum { S, M, H, TAKE };
enum { MEAN, DEVIATION };

static const double edge = 1e-3;

static const HeadOption options[] = {
    HEAD_SCALE(64),
    {"m", 0.4, 0, M_PI, "margin"},
    {"h", 0.333, 0, 100, "how far the length moves it"},
    {"take", 0.01, 0, 1, "weight of the batch in the running mean and deviation"},
    HEAD_INIT(0),
    HEAD_COSINES,
    {0},
};

static void start(HeadState *state)
{
    state->now[MEAN] = 20;
    state->now[DEVIATION] = 100;
}

static double kept_length(double norm)
{
    return fmax(0.001, fmin(100, norm));
}

static double mean_length(const HeadRow *row, int64_t rows)
{
    double sum = 0;
    for (int64_t i = 0; i < rows; i++)
        sum += kept_length(row[i].norm);
    return sum / (double)rows;
}

static void batch(HeadState *state, HeadRow *row, int64_t rows)
{
    double take = state->value[TAKE], mean = mean_length(row, rows), square = 0;
    double *mu = &state->next[MEAN], *sd = &state->next[DEVIATION];
    for (int64_t i = 0; i < rows; i++)
        square += pow(kept_length(row[i].norm) - mean, 2);
    *mu += take * (mean - *mu);
    if (rows > 1)
        *sd += take * (sqrt(square / (double)(rows - 1)) - *sd);
    for (int64_t i = 0; i < rows; i++) {
        double q = state->value[H] * (kept_length(row[i].norm) - *mu) / (*sd + edge);
        row[i].margin = state->value[M] * fmax(-1, fmin(1, q));
    }
}

CLONES static void negatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z,
                             real *d, const real *c, const real *aux, int64_t n)
{
    (void)row, (void)hard, (void)aux;
    real s = (real)state->value[S], top = (real)(1 - edge);
    for (int64_t j = 0; j < n; j++) {
        real inside = c[j] > top ? top : c[j];
        inside = inside < -top ? -top : inside;
        z[j] = s * inside;
        d[j] = inside == c[j] ? s : 0;
    }
}

static void positive(const HeadState *state, HeadRow *row)
{
    double s = state->value[S], g = fmax(-1 + edge, fmin(1 - edge, row->cosine));
    double angle = acos(g) - row->margin, kept = fmax(edge, fmin(M_PI - edge, angle));
    row->positive = s * (cos(kept) - (row->margin + state->value[M]));
    row->slope = kept == angle && g == row->cosine ? s * sin(angle) / head_sine(g) : 0;
}

const HeadRule head_adaface = {
    .info = {"adaface", "margin by image quality, as measured by the embedding's length", options,
             NULL},
    .state = {"mean", "deviation"},
    .negatives = negatives,
    .margins = 1 << M,
    .angle = -1,
    .positive = positive,
    .start = start,
    .batch = batch,
};
