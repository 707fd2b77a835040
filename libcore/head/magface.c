/* MagFace: the length of the embedding sets the margin (arXiv 2103.06627).
 *
 *     a   = ||x|| kept within la and ua
 *     m   = lm + (um - lm) (a - la) / (ua - la)
 *     z_y = s cos(theta + m), with `easy` s g where g <= 0, without it s g past pi - m
 *     L  += lambda * mean of (a / ua^2 + 1 / a)
 *
 * The margin is not a constant to the gradient: it moves the length of the embedding. */
#include "head/rule_internal.h"

enum { S, LA, UA, LM, UM, LAMBDA, EASY };

static const HeadOption options[] = {
    HEAD_SCALE(64),
    {"la", 10, 1e-3, 1e6, "least length"},
    {"ua", 110, 1e-3, 1e6, "largest length"},
    {"lm", 0.45, 0, M_PI, "margin in radians at the smallest length"},
    {"um", 0.8, 0, M_PI, "margin in radians at the largest length"},
    {"lambda", 35, 0, 1e6, "weight of the penalty that lengthens embeddings"},
    {"easy", 1, 0, 1, "1: no margin where g <= 0; 0: none past pi - m"},
    HEAD_INIT(0),
    HEAD_COSINES,
    {0},
};

static const HeadPreset presets[] = {
    {"facexzoo", "lambda=20 easy=0", "FaceX-Zoo's code and settings"},
    {0},
};

static double kept_length(const double *value, double norm)
{
    return fmax(value[LA], fmin(value[UA], norm));
}

/* dm/da */
static double growth(const double *value)
{
    return (value[UM] - value[LM]) / (value[UA] - value[LA]);
}

static void batch(HeadState *state, HeadRow *row, int64_t rows)
{
    const double *value = state->value;
    double ua = value[UA];
    for (int64_t i = 0; i < rows; i++) {
        double a = kept_length(value, row[i].norm), g = row[i].cosine;
        double m = value[LM] + growth(value) * (a - value[LA]);
        row[i].margin = g > (value[EASY] != 0 ? 0 : cos(M_PI - m)) ? m : 0;
        state->penalty += value[LAMBDA] * (a / (ua * ua) + 1 / a) / (double)rows;
    }
}

static void positive(const HeadState *state, HeadRow *row)
{
    double slope;
    row->positive = state->value[S] * head_add_angle(row->cosine, row->margin, &slope);
    row->slope = state->value[S] * slope;
}

static double radial(const HeadState *state, const HeadRow *row, int64_t rows)
{
    const double *value = state->value;
    double a = row->norm, ua = value[UA], m = row->margin;
    if (a < value[LA] || a > ua)
        return 0;
    double sine = head_sine(row->cosine) * cos(m) + row->cosine * sin(m); /* of theta + m */
    double by_margin = m != 0 ? row->miss * value[S] * sine * growth(value) : 0;
    return (by_margin + value[LAMBDA] * (1 / (ua * ua) - 1 / (a * a))) / (double)rows;
}

const HeadRule head_magface = {
    .info = {"magface", "margin that grows with the embedding's length", options, presets},
    .negatives = head_plain_negatives,
    .margins = 1 << LM | 1 << UM,
    .angle = 1,
    .positive = positive,
    .batch = batch,
    .radial = radial,
};
