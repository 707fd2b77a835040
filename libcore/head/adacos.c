/* AdaCos: no margin, and a scale that finds itself (arXiv 1905.00292).
 *
 *     s0 = sqrt(2) log(C - 1), and with `dynamic` in every step
 *     s <- log( mean over rows of the sum over j != y of exp(s c_j) ) / cos(min(pi/4, median))
 *
 * where median is the lower median of the own angles. s is a constant to the gradient. */
#include <stdlib.h>

#include "head/rule_internal.h"

enum { DYNAMIC };

static const HeadOption options[] = {
    {"dynamic", 1, 0, 1, "0: the scale stays at sqrt(2) log(C - 1)"},
    HEAD_INIT(0),
    HEAD_START(2),
    HEAD_COSINES,
    {0},
};

static void start(HeadState *state)
{
    state->now[0] = (real)(sqrt(2) * log((double)state->identities - 1));
}

CLONES static void negatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z,
                             real *d, const real *c, const real *aux, int64_t n)
{
    (void)row, (void)hard, (void)aux;
    real s = (real)state->next[0];
    for (int64_t j = 0; j < n; j++) {
        z[j] = s * c[j];
        d[j] = s;
    }
}

/* Rows with a cosine below g, and rows with g. */
static void count_rows(int64_t *below, int64_t *equal, const HeadRow *row, int64_t rows, double g)
{
    *below = *equal = 0;
    for (int64_t i = 0; i < rows; i++) {
        *below += row[i].cosine > g; /* the larger cosine is the smaller angle */
        *equal += row[i].cosine == g;
    }
}

/* The cosine of the lower median of the angles. */
static double median_cosine(const HeadRow *row, int64_t rows)
{
    int64_t below, equal, middle = (rows - 1) / 2;
    for (int64_t i = 0; i < rows; i++) {
        count_rows(&below, &equal, row, rows, row[i].cosine);
        if (below <= middle && middle < below + equal)
            return row[i].cosine;
    }
    return NAN; /* where a cosine is */
}

static void scanned(HeadState *state, const HeadRow *row, int64_t rows)
{
    double max = -INFINITY, sum = 0;
    if (state->value[DYNAMIC] == 0)
        return;
    for (int64_t i = 0; i < rows; i++)
        max = fmax(max, row[i].negatives);
    for (int64_t i = 0; i < rows; i++)
        sum += exp(row[i].negatives - max) / (double)rows;
    state->next[0] = (max + log(sum)) / fmax(sqrt(0.5), median_cosine(row, rows));
}

static void positive(const HeadState *state, HeadRow *row)
{
    row->positive = state->next[0] * row->cosine;
    row->slope = state->next[0];
}

const HeadRule head_adacos = {
    .info = {"adacos", "scaled cosines, the scale adapts", options, NULL},
    .state = {"s"},
    .negatives = negatives,
    .positive = positive,
    .start = start,
    .scan = negatives,
    .scanned = scanned,
};
