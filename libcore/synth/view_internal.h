/* One picture of a person: everything that is not the identity.
 *
 * Angles in radians. Colours are linear. Sizes on the picture are fractions of its side. */
#ifndef SYNTH_VIEW_INTERNAL_H
#define SYNTH_VIEW_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "synth/identity_internal.h"

typedef struct Light {
    float from[3]; /* unit vector towards the light, camera axes */
    Color color;
} Light;

typedef struct View {
    /* the head: turned right, lowered, tilted; how much nearer things grow */
    float yaw, pitch, roll, perspective;
    /* the face: 0 at rest */
    float jaw, smile, pucker, raise, frown, lids, gaze_u, gaze_y, lipstick, tan;
    Light key, fill;
    Color ambient;
    /* what hides it */
    bool glasses, sunglasses, mask, cap, bar;
    Color frame, cloth;
    float lens_width, lens_height, lens_square;
    float bar_x, bar_y, bar_angle, bar_width;
    /* the camera and what came after */
    float landmark_error[10];            /* of the points it is aligned by, head units */
    float scale, turn, shift_x, shift_y; /* an un-aligned photograph's framing */
    Color wall[2];
    float exposure, gamma, contrast, saturation, blur, noise, coarse; /* coarse: of colours */
    Color balance;
    uint32_t grain;
} View;

/* Draws picture `image` of person `number`. hardness in [0, 1] scales all of it. */
void view_draw(View *view, uint64_t seed, int64_t number, int64_t image, double hardness);

#endif
