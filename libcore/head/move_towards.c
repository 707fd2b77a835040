#include "head/rule_internal.h"

CLONES static void move(real *v, double rate, const HeadBatch *batch, int64_t present)
{
    const int64_t *row = batch->order + batch->first[present];
    int64_t n = batch->first[present + 1] - batch->first[present];
    for (int64_t k = 0; k < batch->dim; k++) {
        double sum = 0;
        for (int64_t i = 0; i < n; i++)
            sum += (double)batch->x[row[i] * batch->dim + k];
        v[k] += (real)(rate * (sum - (double)n * v[k]) / (double)(1 + n));
    }
}

void head_move_towards(real *v, int64_t begin, int64_t end, double rate, const HeadRow *row,
                       const HeadBatch *batch)
{
    for (int64_t k = 0; k < batch->present; k++) {
        int64_t identity = row[batch->order[batch->first[k]]].label;
        if (identity >= begin && identity < end)
            move(v + (identity - begin) * batch->dim, rate, batch, k);
    }
}
