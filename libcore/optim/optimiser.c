#include "optim/optimiser.h"

static const struct {
    const char *name;
    bool squares;
} kinds[OPTIMISERS] = {
    [OPTIMISER_SGD] = {"sgd", false},
    [OPTIMISER_ADAMW] = {"adamw", true},
};

const char *optimiser_name(OptimiserKind kind)
{
    return kinds[kind].name;
}

bool optimiser_has_squares(OptimiserKind kind)
{
    return kinds[kind].squares;
}
