/* What a picture adds to the head: expression, eyes, mouth, and what is worn. */
#ifndef SYNTH_EXPRESS_INTERNAL_H
#define SYNTH_EXPRESS_INTERNAL_H

#include "synth/grid_internal.h"
#include "synth/identity_internal.h"
#include "synth/view_internal.h"

/* Overwrites face with the identity's head at rest, its jaw dropped, its cheeks raised. */
void express_face(Atlas *face, const Atlas *rest, const Identity *id, const View *view);

void express_eyes(Atlas *face, const Identity *id, const View *view); /* brows too */
void express_mouth(Atlas *face, const Identity *id, const View *view);
void express_wear(Atlas *face, const Identity *id, const View *view); /* glasses, mask, cap */

/* Where eyes, nose tip and mouth corners are, image left first: (u, y) each. */
void express_landmarks(float points[5][2], const Identity *id, const View *view);

/* How far the mouth's corners lie from the middle, and their height. */
float express_mouth_width(const Identity *id, const View *view);
float express_corner_y(const Identity *id, const View *view);

#endif
