/* Skin and hair: an Identity's colours for every texel, before any expression. */
#ifndef SYNTH_SKIN_INTERNAL_H
#define SYNTH_SKIN_INTERNAL_H

#include "synth/grid_internal.h"
#include "synth/identity_internal.h"

/* Overwrites colour and gloss with skin: tone, mottling, freckles, moles; and adds wrinkles. */
void skin_paint(Atlas *atlas, const Identity *id);

/* Covers what lies above the hair line and grows a beard; raises the radius there. */
void hair_paint(Atlas *atlas, const Identity *id);

#endif
