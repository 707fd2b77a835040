#include "head/rule_internal.h"

CLONES void head_plain_negatives(const HeadState *state, const HeadRow *row, HeadHard *hard,
                                 real *z, real *d, const real *c, const real *aux, int64_t n)
{
    (void)row, (void)hard, (void)aux;
    real s = (real)state->value[0];
    for (int64_t j = 0; j < n; j++) {
        z[j] = s * c[j];
        d[j] = s;
    }
}

CLONES void head_hard_negatives(HeadHard *hard, real *z, real *d, const real *c, int64_t n,
                                double limit, double s, double t, double a)
{
    real above = (real)limit, plain = (real)s, st = (real)(s * t), sa = (real)(s * a);
    real count = 0, sum = 0;
#pragma omp simd reduction(+ : count, sum)
    for (int64_t j = 0; j < n; j++) {
        real is_hard = c[j] > above ? 1 : 0;
        d[j] = c[j] > above ? st : plain;
        z[j] = d[j] * c[j] + is_hard * sa;
        count += is_hard;
        sum += is_hard * c[j];
    }
    hard->count += (double)count;
    hard->sum += (double)sum;
}
