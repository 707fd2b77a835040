/* The net's input: bytes of RGB images become numbers as the model wants them. */
#ifndef LAYERS_PIXELS_H
#define LAYERS_PIXELS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/api.h"
#include "base/real.h"

API_BEGIN

/* Part of a model: (byte - mean) * scale, each colour with its own, in the order R, G, B however
 * the net takes them: blue first or red first. */
enum { COLOURS = 3 };

typedef struct Pixels {
    double mean[COLOURS], scale[COLOURS];
    bool bgr;
} Pixels;

/* An initialiser with the same mean and scale for all colours */
#define PIXELS_ALIKE(m, s, blue_first)                                                             \
    {                                                                                              \
        .mean = {(m), (m), (m)}, .scale = {(s), (s), (s)}, .bgr = (blue_first)                     \
    }

bool pixels_same(const Pixels *a, const Pixels *b);

/* The means or the scales as text: one number where all are alike, else three separated by commas;
 * the way back takes both, with numbers from -1e6 to 1e6. `digits` are significant, 17 keep every
 * bit.
 */
enum { PIXELS_TEXT = 96 };
void pixels_print(char text[PIXELS_TEXT], const double number[COLOURS], int digits);
bool pixels_parse(double number[COLOURS], const char *text);

/* y[n,h,w,3] from rgb[n,h,w,3]; mirror swaps left and right. */
void pixels_forward(real *y, const uint8_t *rgb, int n, int h, int w, const Pixels *pixels,
                    bool mirror);

API_END

#endif
