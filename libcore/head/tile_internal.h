/* A tile of identities, which tiles.c walks and tile_update.c updates. */
#ifndef HEAD_TILE_INTERNAL_H
#define HEAD_TILE_INTERNAL_H

#include "head/engine_internal.h"

typedef struct Tile {
    int64_t first, n;
    int64_t width;     /* n times the centres of an identity */
    const real *w;     /* [width, D] */
    const real *aux;   /* [n], or NULL */
    const int64_t *id; /* [n], where identities are sampled; else they are first, first + 1, ... */
    real *cosine;      /* [B, width] */
    real *inverse;     /* [width] */
} Tile;

static inline int64_t tile_identity(const Tile *tile, int64_t j)
{
    return tile->id != NULL ? tile->id[j] : tile->first + j;
}

/* Where centre j of the tile is among all. */
static inline int64_t tile_centre(const Head *head, const Tile *tile, int64_t j)
{
    return tile_identity(tile, j / head->sub) * head->sub + j % head->sub;
}

/* scratch->gradient[width, D], of the centres' directions, becomes that of the centres, is written
 * where it is asked for, and updates them. */
void tile_update(const HeadStep *step, const Tile *tile, const Scratch *scratch);

#endif
