#include "head/binary_internal.h"

void binary_update(HeadState *state, const HeadRow *row, const HeadBatch *batch, const HeadSgd *sgd)
{
    double sum = 0, *b = &state->next[BINARY_B], *v = &state->next[BINARY_MOMENTUM];
    for (int64_t i = 0; i < batch->rows; i++)
        sum += row[i].hard_sum + row[i].limit;
    *v = sgd->momentum * *v + sum / (double)batch->rows + sgd->weight_decay * *b;
    *b -= sgd->lr * *v;
}
