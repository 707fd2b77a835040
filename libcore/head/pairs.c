#include "head/pairs_internal.h"

typedef struct Measure {
    double *distance;
    HeadRow *row;
    const HeadBatch *batch;
    const real *v;
} Measure;

CLONES static double squared_distance(const real *a, const real *b, int64_t n)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t k = 0; k < n; k++)
        sum += ((double)a[k] - b[k]) * ((double)a[k] - b[k]);
    return sum;
}

/* The cosine of rows i and j by the law of cosines; of rows without a length, 0. */
static double cosine_of(const Measure *m, int64_t i, int64_t j, double squared)
{
    bool unit = m->v == m->batch->unit;
    double a = m->row[i].norm, b = m->row[j].norm;
    if (a < HEAD_TINY || b < HEAD_TINY)
        return 0;
    return unit ? 1 - squared / 2 : (a * a + b * b - squared) / (2 * a * b);
}

static void measure_row(void *arg, int64_t i, int worker)
{
    (void)worker;
    const Measure *m = arg;
    int64_t rows = m->batch->rows, dim = m->batch->dim, others = 0;
    double sum = 0;
    for (int64_t j = 0; j < rows; j++) {
        double squared = squared_distance(m->v + i * dim, m->v + j * dim, dim);
        m->distance[i * rows + j] = squared;
        if (j == i || m->row[j].label != m->row[i].label)
            continue;
        sum += cosine_of(m, i, j, squared);
        others++;
    }
    m->row[i].cosine = others > 0 ? sum / (double)others : 0;
    m->row[i].term = isfinite(m->row[i].norm) ? 0 : NAN;
}

void pairs_measure(double *distance, HeadRow *row, const HeadBatch *batch, bool unit)
{
    Measure measure = {distance, row, batch, unit ? batch->unit : batch->x};
    pool_run(batch->pool, batch->rows, measure_row, &measure);
}

CLONES static void pull(real *gi, real *gj, const real *a, const real *b, real scale, int64_t n)
{
    for (int64_t k = 0; k < n; k++) {
        real g = scale * (a[k] - b[k]);
        gi[k] += g;
        gj[k] -= g;
    }
}

void pairs_pull(const HeadBatch *batch, bool unit, int64_t i, int64_t j, double scale)
{
    int64_t dim = batch->dim;
    const real *v = unit ? batch->unit : batch->x;
    pull(batch->dx + i * dim, batch->dx + j * dim, v + i * dim, v + j * dim, (real)scale, dim);
}

/* Through v = x / |x|: less the part along v. */
CLONES static void finish_row(real *g, const real *v, double norm, double scale, bool unit,
                              int64_t n)
{
    double along = 0, by = unit ? scale / fmax(norm, HEAD_TINY) : scale;
    for (int64_t k = 0; k < n && unit && norm >= HEAD_TINY; k++)
        along += (double)g[k] * v[k];
    for (int64_t k = 0; k < n; k++)
        g[k] = (real)(by * (g[k] - along * v[k]));
}

void pairs_finish(const HeadRow *row, const HeadBatch *batch, bool unit, double scale)
{
    for (int64_t i = 0; i < batch->rows; i++)
        finish_row(batch->dx + i * batch->dim, batch->unit + i * batch->dim, row[i].norm, scale,
                   unit, batch->dim);
}
