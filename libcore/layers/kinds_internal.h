/* The layers of layers/kinds.c, each at the end of its kind's file. */
#ifndef LAYERS_KINDS_INTERNAL_H
#define LAYERS_KINDS_INTERNAL_H

#include "layers/layer_internal.h"

extern const Layer layer_input, layer_conv, layer_depthwise, layer_norm, layer_prelu, layer_add,
    layer_linear, layer_affine, layer_grouped, layer_max_pool, layer_mean_pool, layer_multiply,
    layer_concat, layer_pad, layer_upsample, layer_activation, layer_maximum, layer_channel_max,
    layer_select, layer_plane, layer_standardise;

/* The forward pass of all that is LAYER_SCALES (layers/norm.c). */
void forward_scaled(const LayerRun *run);

#endif
