/* The picture around the head, and what a camera and a file format do to it. */
#ifndef SYNTH_PICTURE_INTERNAL_H
#define SYNTH_PICTURE_INTERNAL_H

#include <stdint.h>

#include "synth/camera_internal.h"
#include "synth/view_internal.h"

#define PICTURE_WIDEST 512 /* pixels of a row */

/* A wall and shoulders behind the head: overwrites pixels from <= x < to of row y. */
void picture_back(float *restrict red, float *restrict green, float *restrict blue, int from,
                  int to, int y, const Camera *camera, const View *view);

/* Something held between the head and the camera. */
void picture_bar(float *restrict red, float *restrict green, float *restrict blue, int n, int y,
                 const View *view);

/* Gaussian blur of plane[size,size] in place, sigma in pixels; row is scratch of 2 (size + 2). */
void picture_blur(float *restrict plane, float *restrict row, int size, float sigma);

/* Exposure, white balance, tone curve, colour, noise, 8 bits: out[n,3] of row y. */
void picture_develop(uint8_t *restrict out, const float *restrict red, const float *restrict green,
                     const float *restrict blue, int n, int y, const View *view);

#endif
