#include "layers/kinds_internal.h"

#include <string.h>

static const Layer *const table[] = {
    [LAYER_INPUT] = &layer_input,
    [LAYER_CONV] = &layer_conv,
    [LAYER_DEPTHWISE] = &layer_depthwise,
    [LAYER_NORM] = &layer_norm,
    [LAYER_PRELU] = &layer_prelu,
    [LAYER_ADD] = &layer_add,
    [LAYER_LINEAR] = &layer_linear,
    [LAYER_AFFINE] = &layer_affine,
    [LAYER_GROUPED] = &layer_grouped,
    [LAYER_MAX_POOL] = &layer_max_pool,
    [LAYER_MEAN_POOL] = &layer_mean_pool,
    [LAYER_MULTIPLY] = &layer_multiply,
    [LAYER_CONCAT] = &layer_concat,
    [LAYER_PAD] = &layer_pad,
    [LAYER_UPSAMPLE] = &layer_upsample,
    [LAYER_ACTIVATION] = &layer_activation,
    [LAYER_MAXIMUM] = &layer_maximum,
    [LAYER_CHANNEL_MAX] = &layer_channel_max,
    [LAYER_SELECT] = &layer_select,
    [LAYER_PLANE] = &layer_plane,
    [LAYER_STANDARDISE] = &layer_standardise,
    [LAYER_ROUND] = &layer_round,
};
_Static_assert(sizeof table / sizeof *table == LAYER_KINDS, "every kind has its layer");

const Layer *layer_of(LayerKind kind)
{
    return table[kind];
}

LayerKind layer_named(const char *name)
{
    int kind = 0;
    while (kind < LAYER_KINDS && strcmp(table[kind]->name, name) != 0)
        kind++;
    return (LayerKind)kind;
}
