#include "head/binary_internal.h"
#include "optim/update_internal.h"

void binary_update(HeadState *state, const HeadRow *row, const HeadBatch *batch,
                   const Optimiser *optimiser)
{
    double sum = 0, *b = &state->next[BINARY_B], *v = &state->next[BINARY_MOMENTUM];
    for (int64_t i = 0; i < batch->rows; i++)
        sum += row[i].hard_sum + row[i].limit;
    double gradient = sum / (double)batch->rows;
    if (optimiser->kind == OPTIMISER_ADAMW) {
        update_number(b, v, &state->next[BINARY_SQUARE], gradient, optimiser, state->step);
        return;
    }
    *v = optimiser->momentum * *v + gradient + optimiser->weight_decay * *b;
    *b -= optimiser->lr * *v;
}
