/* Light on a head: reflectances become the light that reaches the camera. */
#ifndef SYNTH_SHADE_INTERNAL_H
#define SYNTH_SHADE_INTERNAL_H

#include "synth/paint_internal.h"
#include "synth/view_internal.h"

/* Overwrites face->lit in the box, and face->edged. turn[3,3] turns head axes into the camera's.
 * Diffuse light of both lamps (wrapped a little around, as skin scatters), a mirror-like part of
 * the first (Blinn, doi 10.1145/563858.563893), shadows of what stands out, and ambient light that
 * reaches hollows less. */
void shade_head(Atlas *face, Box box, const View *view, const float turn[9]);

#endif
