/* The table of all kinds of layer. */
#ifndef LAYERS_KINDS_INTERNAL_H
#define LAYERS_KINDS_INTERNAL_H

#include "layers/layer_internal.h"

/* Of a kind below LAYER_KINDS. */
const Layer *layer_of(LayerKind kind);

static inline bool node_is(const Node *node, Trait trait)
{
    return (layer_of(node->kind)->traits & trait) != 0;
}

/* The kind of that name; LAYER_KINDS when there is none. */
LayerKind layer_named(const char *name);

/* Numbers of a node's packed weights; 0 when they are taken as they are. */
static inline size_t node_packed(const Node *node, Kernels *kernels, bool backward)
{
    const Layer *layer = layer_of(node->kind);
    return layer->packed != NULL ? layer->packed(node, kernels, backward) : 0;
}

#endif
