/* The net's input: bytes of RGB images become numbers as the model wants them. */
#ifndef NN_PIXELS_H
#define NN_PIXELS_H

#include <stdbool.h>

#include "base/real.h"
#include "nn/shape.h"

/* Part of a model: (byte - mean) * scale, channels in the order R, G, B or B, G, R. */
typedef struct Pixels {
    double mean, scale;
    bool bgr;
} Pixels;

/* y[n,h,w,3] from rgb[n,h,w,3]; mirror swaps left and right. */
void pixels_forward(real *y, const uint8_t *rgb, int n, int h, int w, const Pixels *pixels,
                    bool mirror);

#endif
