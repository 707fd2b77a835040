/* Which texel of a head each pixel sees.
 *
 * Rays are followed from every fourth pixel of every fourth row (every other one on small
 * pictures). A point half way between them whose neighbours see one stretch of the surface sees the
 * middle between theirs; elsewhere, at the outline and where one part stands before another, it
 * gets a ray of its own. So it goes on down to the pixels. */
#ifndef SYNTH_TRACE_INTERNAL_H
#define SYNTH_TRACE_INTERNAL_H

#include "synth/camera_internal.h"
#include "synth/paint_internal.h"

/* What a set of points sees: the place on the atlas, how much of the pixel the head covers (0 or
 * 1 but at the outline), and how near the surface is (z towards the camera). */
typedef struct Seen {
    float *column, *row, *cover, *depth;
} Seen;

/* Every pitch-th pixel of every pitch-th row. */
typedef struct Level {
    int side, pitch;
    Seen seen; /* [side,side] */
} Level;

enum { TRACE_LEVELS = 3 };

typedef struct Trace {
    int size, levels;
    Level level[TRACE_LEVELS]; /* 0 has every pixel, each further one half as many a side */
    Seen line[2];              /* [size+2]: rows of a level at the width of the finer one */
    int *todo;                 /* [size*size] points that need a ray */
    float *block;              /* all of the floats */
} Trace;

int trace_init(Trace *trace, int size, Err *err);
void trace_release(Trace *trace);

/* Overwrites the levels; needs only the head's radius. */
void trace_head(Trace *trace, const Camera *camera, const Atlas *face);

/* The texels that any pixel sees, and their neighbours. */
Box trace_box(const Trace *trace, const Atlas *face);

/* The pixels left <= x < right of row y show nothing but the head (there may be none). */
void trace_hidden(int *left, int *right, const Trace *trace, int y);

/* Draws row y of the head, as it is lit, over red, green, blue [size]. */
void trace_draw(float *restrict red, float *restrict green, float *restrict blue, int y,
                const Trace *trace, const Atlas *face);

#endif
