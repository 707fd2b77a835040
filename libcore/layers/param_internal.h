/* The parameters of a layer: what they are called and how they lie in PyTorch, and how they start.
 */
#ifndef LAYERS_PARAM_INTERNAL_H
#define LAYERS_PARAM_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ParamRole {
    PARAM_WEIGHT, /* of convolutions and linear layers */
    PARAM_BIAS,   /* of linear layers */
    PARAM_NORM,   /* gamma and beta */
    PARAM_SLOPE,  /* of PReLU */
    PARAM_STATE,  /* running mean and variance: saved, never trained */
    PARAM_COUNT,  /* num_batches_tracked: an integer, in Graph.counts */
} ParamRole;

/* How a parameter starts: a constant, U(-spread, spread) or N(0, spread^2). */
typedef enum InitKind { INIT_CONSTANT, INIT_UNIFORM, INIT_NORMAL } InitKind;

typedef struct Init {
    InitKind kind;
    double value; /* the constant or the spread */
} Init;

/* What a layer says of a parameter (see layers/layer_internal.h), and where the graph put it. */
typedef struct Param {
    const char *leaf; /* the last part of its name in PyTorch; NULL: there is no such parameter */
    ParamRole role;
    int rank;         /* of PyTorch's shape */
    int64_t shape[4]; /* PyTorch's */
    Init init;
    /* PyTorch lays it out as [outer][channels][taps], we as [outer][taps][channels]. */
    int64_t channels, taps;

    char *name; /* PyTorch's: the module's and the leaf */
    bool trainable;
    size_t offset; /* of its first number in the block; for PARAM_COUNT in Graph.counts */
    size_t count;
} Param;

/* A number a channel, [n]. */
static inline Param param_vector(const char *leaf, ParamRole role, int n, Init init)
{
    return (Param){.leaf = leaf,
                   .role = role,
                   .rank = 1,
                   .shape = {n},
                   .init = init,
                   .channels = n,
                   .taps = 1};
}

#endif
