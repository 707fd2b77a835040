/* The tiles that Winograd's convolutions cut images into: F(4x4, 3x3) of layers/winograd_internal.h
 * and F(2x2, 3x3) of layers/winograd_bfloat_internal.h. A tile has side x side outputs; what it is
 * computed from begins one pixel before it. All is inlined, so that sides are constants. */
#ifndef LAYERS_WINOGRAD_TILES_INTERNAL_H
#define LAYERS_WINOGRAD_TILES_INTERNAL_H

#include <stdbool.h>

#include "base/real_internal.h"
#include "layers/shape_internal.h"

typedef struct Tiles {
    int h, w, channels; /* of the image */
    int down, across;   /* tiles of an image */
    int first, n;       /* of the block */
} Tiles;

static inline Tiles tiles_of(const Shape *shape, int channels, int side)
{
    return (Tiles){.h = shape->h,
                   .w = shape->w,
                   .channels = channels,
                   .down = (shape->h + side - 1) / side,
                   .across = (shape->w + side - 1) / side};
}

static inline int tile_count(const Tiles *tiles, int images)
{
    return images * tiles->down * tiles->across;
}

/* The corner of tile number i of the batch: pixel (y, x) of an image, which begins at the number
 * that is returned. */
INLINE size_t tile_corner(const Tiles *tiles, int i, int side, int *y, int *x)
{
    int an_image = tiles->down * tiles->across, at = i % an_image;
    *y = at / tiles->across * side;
    *x = at % tiles->across * side;
    return (size_t)(i / an_image) * tiles->h * tiles->w * tiles->channels;
}

/* Loads side x side pixels from (y, x) on, LANES channels each, zero outside the image. */
INLINE void load_tile(Lanes *out, const real *image, const Tiles *tiles, int y, int x, int side)
{
    bool whole = y >= 0 && x >= 0 && y + side <= tiles->h && x + side <= tiles->w;
    for (int i = 0; i < side; i++)
        for (int j = 0; j < side; j++) {
            int64_t at = ((int64_t)(y + i) * tiles->w + x + j) * tiles->channels;
            if (whole || (y + i >= 0 && y + i < tiles->h && x + j >= 0 && x + j < tiles->w))
                out[i * side + j] = *(const Lanes *)(image + at);
            else
                out[i * side + j] = (Lanes){0};
        }
}

/* Stores, or adds, those of its side x side pixels that are inside the image. */
INLINE void store_tile(real *image, const Lanes *in, const Tiles *tiles, int y, int x, int side,
                       bool add)
{
    for (int i = 0; i < side && y + i < tiles->h; i++)
        for (int j = 0; j < side && x + j < tiles->w; j++) {
            Lanes *to = (Lanes *)(image + ((size_t)(y + i) * tiles->w + x + j) * tiles->channels);
            if (add)
                *to += in[i * side + j];
            else
                *to = in[i * side + j];
        }
}

#endif
