/* The camera: where a turned head lies on the picture, and the picture it leaves there. */
#ifndef SYNTH_CAMERA_INTERNAL_H
#define SYNTH_CAMERA_INTERNAL_H

#include <stdbool.h>

#include "synth/grid_internal.h"
#include "synth/view_internal.h"

#define CAMERA_PIVOT .25f /* the head turns about the point at this y on its axis */

typedef struct Camera {
    float turn[9];                /* [3,3]: head axes to camera axes */
    float perspective;            /* 1 / distance */
    float a, b, shift_x, shift_y; /* screen to pixels: x' = a x - b y + shift_x, ... */
} Camera;

/* Turns the head, then frames it: aligned as a real pipeline would, by the least-squares
 * similarity from the five points (with the detector's error) to the usual template of a
 * size x size face; or, for a photograph, anywhere. points are head space, pixels gets their
 * places x1 y1 ... x5 y5 on the picture, a photograph's as the detector would report them. */
void camera_place(Camera *camera, float pixels[10], float points[5][3], const View *view, int size,
                  bool photo);

/* Screen coordinates (head units) of pixel (x, y): *sx, *sy; *step is a pixel's size there. */
void camera_screen(const Camera *camera, float x, float y, float *sx, float *sy, float *step);

#endif
