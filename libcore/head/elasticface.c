/* ElasticFace: the margin of every positive is drawn anew in every step (arXiv 2109.09416).
 *
 *     m_i ~ normal(m, sd), from (seed, step, row)
 *     z_y = s cos(theta + m_i)  (elasticface),  s (g - m_i)  (elasticface-cos)
 *
 * With `plus` the margins of a batch are given out by size: the larger the farther a row is from
 * its centre (1). The authors' code means that, but gives row i the margin of rank r, where row r
 * is the i-th nearest (2): the inverse of the permutation, right only where that is its own
 * inverse. Margins are constants to the gradient. */
#include "base/sort_internal.h"
#include "head/rule_internal.h"

enum { S, M, SD, PLUS };

static const HeadOption arc_options[] = {
    HEAD_SCALE(64),
    {"m", 0.5, 0, M_PI, "mean of the angles in radians added to those of the positives"},
    {"sd", 0.05, 0, 1, "their standard deviation"},
    {"plus", 0, 0, 2, "1: larger for rows farther from their centre; 2: as the authors' code does"},
    HEAD_INIT(0.01),
    HEAD_COSINES,
    {0},
};

static const HeadOption cos_options[] = {
    HEAD_SCALE(64),
    {"m", 0.35, -2, 2, "mean of the margins subtracted from the cosines of the positives"},
    {"sd", 0.05, 0, 1, "their standard deviation"},
    {"plus", 0, 0, 2, "1: larger for rows farther from their centre; 2: as the authors' code does"},
    HEAD_INIT(0.01),
    HEAD_COSINES,
    {0},
};

static const HeadPreset arc_presets[] = {
    {"plus", "s=64 m=0.5 sd=0.0175 plus=1", "ElasticFace-Arc+ as the paper has it"},
    {"plus-code", "s=64 m=0.5 sd=0.0175 plus=2", "ElasticFace-Arc+ as the authors' code has it"},
    {0},
};

static const HeadPreset cos_presets[] = {
    {"plus", "s=64 m=0.35 sd=0.02 plus=1", "ElasticFace-Cos+ as the paper has it"},
    {"plus-code", "s=64 m=0.35 sd=0.02 plus=2", "ElasticFace-Cos+ as the authors' code has it"},
    {0},
};

/* Nearest to its centre first. */
static int by_cosine(const void *a, const void *b)
{
    const HeadRow *x = *(HeadRow *const *)a, *y = *(HeadRow *const *)b;
    if (x->cosine != y->cosine)
        return x->cosine > y->cosine ? -1 : 1;
    return (x > y) - (x < y);
}

/* Gives the rows their margins by rank; margin[rows] and sorted[rows] are memory for it. */
static void give_out(HeadRow *row, int64_t rows, bool inverse, double *margin, HeadRow **sorted)
{
    for (int64_t i = 0; i < rows; i++) {
        margin[i] = row[i].margin;
        sorted[i] = &row[i];
    }
    sort_doubles(margin, (size_t)rows);
    sort_array(sorted, (size_t)rows, sizeof(HeadRow *), by_cosine);
    for (int64_t i = 0; i < rows; i++)
        if (inverse)
            row[i].margin = margin[sorted[i] - row];
        else
            sorted[i]->margin = margin[i];
}

static void prepare(const HeadState *state, HeadRow *row, const HeadBatch *batch)
{
    const double *value = state->value;
    double *margin = batch->memory;
    for (int64_t i = 0; i < batch->rows; i++) {
        Rng rng = rng_at(state->seed, (uint64_t)state->step, (uint64_t)i, 'e');
        row[i].margin = value[M] + value[SD] * rng_normal(&rng);
    }
    if (value[PLUS] != 0)
        give_out(row, batch->rows, value[PLUS] == 2, margin, (HeadRow **)(margin + batch->rows));
}

static void arc_positive(const HeadState *state, HeadRow *row)
{
    double slope;
    row->positive = state->value[S] * head_add_angle(row->cosine, row->margin, &slope);
    row->slope = state->value[S] * slope;
}

static void cos_positive(const HeadState *state, HeadRow *row)
{
    row->positive = state->value[S] * (row->cosine - row->margin);
    row->slope = state->value[S];
}

const HeadRule head_elasticface = {
    .info = {"elasticface", "ArcFace, each margin drawn anew", arc_options, arc_presets},
    .margins = 1 << M | 1 << SD,
    .angle = 1,
    .negatives = head_plain_negatives,
    .positive = arc_positive,
    .prepare = prepare,
    .row_bytes = sizeof(double) + sizeof(HeadRow *),
};

const HeadRule head_elasticface_cos = {
    .info = {"elasticface-cos", "CosFace, each margin drawn anew", cos_options, cos_presets},
    .margins = 1 << M | 1 << SD,
    .negatives = head_plain_negatives,
    .positive = cos_positive,
    .prepare = prepare,
    .row_bytes = sizeof(double) + sizeof(HeadRow *),
};
