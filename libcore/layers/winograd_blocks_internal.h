/* The loops of layers/winograd_internal.h over blocks of tiles; only for winograd.c. */
#ifndef LAYERS_WINOGRAD_BLOCKS_INTERNAL_H
#define LAYERS_WINOGRAD_BLOCKS_INTERNAL_H

#include <stdbool.h>

#include "base/real_internal.h"
#include "layers/shape_internal.h"
#include "layers/winograd_axis_internal.h"

/* A block has about so many tiles that its transformed inputs and outputs take this many numbers
 * (2 MiB of floats), but enough of them that the filter is worth fetching. */
enum { WINOGRAD_BLOCK_REALS = 512 * 1024, WINOGRAD_BLOCK_TILES = 64 };

static inline int winograd_block_tiles(const Shape *shape)
{
    int most = WINOGRAD_BLOCK_REALS / (POINTS * (shape->c + shape->o));
    return most < WINOGRAD_BLOCK_TILES ? WINOGRAD_BLOCK_TILES : most;
}

typedef struct WinogradBlocks {
    /* LANES_MOST outputs, or inputs, of a filter */
    void (*filter)(real *filter, const real *weight, const Shape *shape, bool backward, int share);
    /* y[n,h,w,o] (+)= x[n,h,w,c] * filter; shape only has the sizes of the image and of the blocks.
     */
    void (*convolve)(real *y, const real *x, const real *filter, int n, const Shape *shape, int c,
                     int o, real *scratch, bool add);
    /* dweight[o,3,3,c] += dy^T . patches of x */
    void (*backward_weight)(real *dweight, const real *dy, const real *x, int n, const Shape *shape,
                            real *scratch);
} WinogradBlocks;

/* For either width of vectors (base/real_internal.h) */
extern const WinogradBlocks winograd_blocks_wide, winograd_blocks_narrow;

#endif
