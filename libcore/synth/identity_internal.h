/* Who a rendered face belongs to: the shape and the texture of a head.
 *
 * Lengths are in head units (grid.h: half the width of an average face), positions in (u, y) on
 * the skin, colours linear reflectances. Every trait is a normal number around a mean that
 * depends on how masculine and how old the face is. */
#ifndef SYNTH_IDENTITY_INTERNAL_H
#define SYNTH_IDENTITY_INTERNAL_H

#include <stdint.h>

#define IDENTITY_MOLES 6

typedef struct Color {
    float c[3];
} Color;

typedef struct Spot {
    float u, y, size, depth;
} Spot;

typedef struct Identity {
    float masculine, age, melanin; /* -1..1, 0..1, 0..1 */
    /* outline: half widths at the temples, cheek bones, jaw and chin; where the chin ends */
    float temple, cheek, jaw, chin, chin_y;
    float square, depth, ridge, cheek_bone, cheek_fat, chin_out, cleft;
    float eye_u, eye_y, eye_width, eye_height, eye_tilt, eye_depth, crease, lash, bag, iris_size;
    float brow_y, brow_gap, brow_length, brow_width, brow_arch, brow_tilt, brow_density;
    float nose_y, nose_width, nose_out, nose_tip, nose_wing, nose_hump, nose_bend, nose_turn;
    float mouth_y, mouth_width, lip_upper, lip_lower, lip_bow, lip_curve, lip_red, mouth_skew;
    float ear_size, ear_out;
    float hairline, recede, peak, fringe, sweep, side_y, volume, curl; /* hair */
    float moustache, goatee, beard;
    float flush, mottle, freckle, wrinkle;
    Spot mole[IDENTITY_MOLES];
    Color skin, lip, hair, iris;
    uint32_t grain; /* seed of its noises */
} Identity;

/* Draws person `number` of this seed. hardness in [0, 1] narrows the spread between people and
 * makes every four in a row resemble each other, so that look-alikes exist. */
void identity_draw(Identity *id, uint64_t seed, int64_t number, double hardness);

#endif
