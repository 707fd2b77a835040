/* Some of the channels, in another order: slices, halves, shuffles. */
#ifndef LAYERS_SELECT_INTERNAL_H
#define LAYERS_SELECT_INTERNAL_H

#include <stdbool.h>

#include "base/real_internal.h"

/* Output channel j is input channel first + (j % run) * step + (j / run) * jump. */
typedef struct Selection {
    int first, run, step, jump;
} Selection;

static inline int64_t selected(const Selection *s, int j)
{
    return s->first + (int64_t)(j % s->run) * s->step + (int64_t)(j / s->run) * s->jump;
}

/* Whether o outputs read none but channels 0 .. c-1. */
bool selection_fits(const Selection *s, int o, int c);

/* The selection that makes index[0 .. n-1]; false when there is none. n > 0 */
bool selection_of(Selection *s, const int64_t *index, int n);

/* y[rows,o] from x[rows,c] */
void select_forward(real *y, const real *x, int64_t rows, int o, int c, const Selection *s);

/* dx[rows,c] += dy[rows,o] */
void select_backward(real *dx, const real *dy, int64_t rows, int o, int c, const Selection *s);

#endif
