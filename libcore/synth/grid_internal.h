/* The surface of a rendered head as a picture wrapped around it.
 *
 * Head space: x to the right of the image, y down, z towards the camera; the unit is half the
 * width of an average face, the eyes lie at y = 0 and the axis of the head is x = z = 0. The
 * surface is a radius for every direction around the axis and every height y, so that a head can
 * be turned far to the side. A texel's column is the angle a from the front through
 *
 *     t = tan(a / 2) = x / (sqrt(x^2 + z^2) + z),   s = t / (1 + t^2 / 5)
 *
 * which needs no arctangent and spends its texels evenly over 124 degrees to each side. u = 2.2 s
 * is about the length along the skin from the middle line: what is drawn is given in (u, y). */
#ifndef SYNTH_GRID_INTERNAL_H
#define SYNTH_GRID_INTERNAL_H

#include "base/err.h"

#define GRID_TOP    (-1.85f)
#define GRID_BOTTOM 2.15f
#define GRID_SIDE   1.1f   /* |s| of the outer columns */
#define GRID_TURN   1.866f /* |t| there */
#define GRID_WIDEST 1024   /* columns; at 211 texels a unit */
#define GRID_SKIN   2.2f   /* u = GRID_SKIN * s */
#define GRID_EDGE   64     /* texels beside a row whose ends go on: the longest shadow */

typedef struct Grid {
    int width, height;    /* texels */
    float across, down;   /* texels a unit of s, and of y */
    float *u;             /* [width] */
    float *sine, *cosine; /* [width] of the angle a */
    float *angle;         /* [width] radians a column here */
} Grid;

/* Red, green, blue, and nothing: one load. */
typedef float Texel __attribute__((vector_size(16)));

/* What covers the head. Colours are linear reflectances. */
typedef struct Atlas {
    const Grid *grid;
    float *radius;   /* [height,width] distance from the axis */
    float *color[3]; /* [height,width] each */
    float *gloss;    /* [height,width] strength of the mirror-like part */
    float *edged;    /* [height,GRID_EDGE+width+GRID_EDGE] the radius again: shade_head() */
    Texel *lit;      /* [height,width] the light that leaves it: shade_head() */
} Atlas;

/* texels: a unit of y. */
int grid_init(Grid *grid, float texels, Err *err);
void grid_release(Grid *grid);

int atlas_init(Atlas *atlas, const Grid *grid, Err *err);
void atlas_release(Atlas *atlas);

/* Floats of a row with both edges. */
static inline int grid_stride(const Grid *grid)
{
    return grid->width + 2 * GRID_EDGE;
}

static inline float grid_row(const Grid *grid, float y)
{
    return (y - GRID_TOP) * grid->down - 0.5f;
}

static inline float grid_y(const Grid *grid, int row)
{
    return GRID_TOP + ((float)row + 0.5f) / grid->down;
}

static inline float grid_column(const Grid *grid, float u)
{
    return (u / GRID_SKIN + GRID_SIDE) * grid->across - 0.5f;
}

/* The point of the surface at (u, y), in head space. */
void atlas_point(float point[3], const Atlas *atlas, float u, float y);

#endif
