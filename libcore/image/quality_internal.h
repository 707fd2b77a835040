/* What a picture of a face, and the five points that were found in its photograph, say of its
 * quality.
 *
 * Components bear the names of ISO/IEC 29794-5; measures and scales are simpler ones of our own, 0
 * worst to 100 best, each a monotone function of what was measured. Luminance is 0.299 R + 0.587 G
 * + 0.114 B (ITU-R BT.601), 0 to 255. */
#ifndef IMAGE_QUALITY_INTERNAL_H
#define IMAGE_QUALITY_INTERNAL_H

#include "image/align.h"
#include "image/image.h"

typedef enum FaceComponent {
    /* 100 r / (r + 8), r the root mean square of the Laplacian, 4 y less the four neighbours' */
    FACE_SHARPNESS,
    /* the percentage of pixels whose luminance is 25 or more */
    FACE_UNDER_EXPOSURE,
    /* the percentage of pixels whose luminance is below 247 */
    FACE_OVER_EXPOSURE,
    FACE_PIXEL_COMPONENTS, /* these need pixels alone */
    /* 100 d / (d + 60), d the distance of the eyes in pixels of the photograph */
    FACE_EYE_DISTANCE = FACE_PIXEL_COMPONENTS,
    /* 100 (1 - min(1, 2 |a|)), a how far the nose is beside the line from the middle of the eyes to
     * that of the mouth, in distances of the eyes */
    FACE_YAW,
    /* 100 (1 - min(1, 2 |b - 0.49|)), b how far the nose is down that line, from the eyes, 0, to
     * the mouth, 1; 0.49 in the template that faces are aligned to */
    FACE_PITCH,
    /* 100 max(0, cos(angle of the eyes))^2 */
    FACE_ROLL,
    FACE_COMPONENTS
} FaceComponent;

/* "sharpness", "under_exposure_prevention" ... */
const char *face_component_name(int component);

/* The first three of score[FACE_COMPONENTS]; a picture without an inner pixel has sharpness 0. */
void face_quality_pixels(float *score, const Image *image);

/* The others, of eyes, nose and corners of the mouth as (x, y), left first. */
void face_quality_points(float *score, const double points[FACE_POINTS][2]);

#endif
