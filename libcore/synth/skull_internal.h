/* The shape of a head: an Identity's radius for every texel, before any expression. */
#ifndef SYNTH_SKULL_INTERNAL_H
#define SYNTH_SKULL_INTERNAL_H

#include "synth/grid_internal.h"
#include "synth/identity_internal.h"

/* Overwrites atlas->radius: cranium, jaw, neck, then what stands out of them or lies in them,
 * all but hair. */
void skull_shape(Atlas *atlas, const Identity *id);

#endif
