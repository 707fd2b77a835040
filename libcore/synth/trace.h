/* Which texel of a head each pixel sees.
 *
 * Rays are followed from every other pixel of every other row. A pixel between them whose
 * neighbours see one stretch of the surface sees the middle between theirs; elsewhere, at the
 * outline and where one part stands before another, it gets a ray of its own. */
#ifndef SYNTH_TRACE_H
#define SYNTH_TRACE_H

#include "synth/camera.h"
#include "synth/paint.h"

/* What a set of points sees: the place on the atlas, how much of the pixel the head covers (0 or
 * 1 but at the outline), and how near the surface is (z towards the camera). */
typedef struct Seen {
    float *column, *row, *cover, *depth;
} Seen;

typedef struct Trace {
    int size, half; /* pixels a side, and points a side of the coarse grid */
    Seen fine;      /* [size,size] */
    Seen coarse;    /* [half,half] */
    Seen line[2];   /* [size+2]: rows of the coarse grid at the width of the fine one */
    int *todo;      /* [size*size] points that need a ray */
    float *block;   /* all of the floats */
} Trace;

int trace_init(Trace *trace, int size, Err *err);
void trace_release(Trace *trace);

/* Overwrites trace->fine; needs only the head's radius. */
void trace_head(Trace *trace, const Camera *camera, const Atlas *face);

/* The texels that any pixel sees, and their neighbours. */
Box trace_box(const Trace *trace, const Atlas *face);

/* The pixels left <= x < right of row y show nothing but the head (there may be none). */
void trace_hidden(int *left, int *right, const Trace *trace, int y);

/* Draws row y of the lit head over red, green, blue [size]. */
void trace_draw(float *restrict red, float *restrict green, float *restrict blue, int y,
                const Trace *trace, const Atlas *face);

#endif
