/* Where a face goes in the output: similarities from landmarks or from a crop.
 *
 * Coordinates are (x, y) in pixels, x to the right and y down; the centre of the first pixel is
 * (0, 0). Points of a face: left eye, right eye, nose, left and right mouth corner, left and right
 * as seen in the image. */
#ifndef IMAGE_ALIGN_H
#define IMAGE_ALIGN_H

#include <stdbool.h>

#include "base/api.h"
#include "image/image.h"

API_BEGIN

enum { FACE_POINTS = 5 };

/* (x, y) -> (a x - b y + tx, b x + a y + ty) */
typedef struct Similarity {
    double a, b, tx, ty;
} Similarity;

/* The similarity without reflection that brings from[n,2] closest to to[n,2], least squares in
 * closed form: with P, Q the points less their means,
 * a = sum(Px Qx + Py Qy) / sum|P|^2, b = sum(Px Qy - Py Qx) / sum|P|^2.
 * false when there is none that could be inverted (all points in one place). */
bool similarity_fit(Similarity *out, const double from[][2], const double to[][2], int n);

/* Where InsightFace and nearly everyone puts the five points in a picture of h x w: the template
 * of 112 x 112 scaled by h / 112 and centred across the width (96 wide: 8 to the left). A height
 * that is a multiple of 128 and not of 112 is scaled by h / 128, as InsightFace does, and leaves
 * more room around the face. */
void align_template(double points[FACE_POINTS][2], int h, int w);

/* The largest centred rectangle of the shape h : w that fits into the image, brought to h x w; or
 * with `side` > 0, the centred one whose shorter side is that. It may reach beyond the image. */
Similarity crop_centre(int h, int w, int side, int image_h, int image_w);

API_END

#endif
