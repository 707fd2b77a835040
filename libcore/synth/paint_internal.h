/* The brushes: what is drawn on a head is mostly rounded bumps, blots and strokes.
 *
 * Each touches only the texels of its bounding box. Positions and sizes are in (u, y) head
 * units; a brush fades to nothing at its edge, which is never sharper than a texel. */
#ifndef SYNTH_PAINT_INTERNAL_H
#define SYNTH_PAINT_INTERNAL_H

#include "synth/grid_internal.h"
#include "synth/identity_internal.h"

/* Columns left <= c < right, rows top <= r < bottom; may be empty. */
typedef struct Box {
    int left, right, top, bottom;
} Box;

Box paint_box(const Grid *grid, float u, float y, float half_width, float half_height);

/* The same widened to whole vectors of columns, where drawing a little more is cheaper. */
Box paint_whole(const Grid *grid, Box box);

/* Raises the surface by height in the middle of the ellipse. */
void paint_bump(Atlas *atlas, float u, float y, float half_width, float half_height, float height);

/* Mixes the colour in, by strength in the middle of the ellipse. */
void paint_blot(Atlas *atlas, float u, float y, float half_width, float half_height,
                const Color *color, float strength);

/* The same left and right of the middle line. */
void paint_bumps(Atlas *atlas, float u, float y, float half_width, float half_height, float height);
void paint_blots(Atlas *atlas, float u, float y, float half_width, float half_height,
                 const Color *color, float strength);

/* A straight stroke with round ends whose half width goes from start to end. */
typedef struct Stroke {
    float u0, y0, u1, y1;
    float start, end; /* half widths */
    Color color;
    float strength; /* of the colour */
    float relief;   /* added to the radius */
    float rough;    /* 0..1: hairs of noise instead of solid colour */
    uint32_t grain;
} Stroke;

void paint_stroke(Atlas *atlas, const Stroke *stroke);

/* One row of one plane: mixes ink * tone[i] in by cover[i]. */
void paint_row(float *restrict plane, const float *restrict cover, const float *restrict tone,
               int n, float ink);

#endif
