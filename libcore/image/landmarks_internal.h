/* Whether five points can be those of a face, or what was mistaken for them. */
#ifndef IMAGE_LANDMARKS_INTERNAL_H
#define IMAGE_LANDMARKS_INTERNAL_H

#include "image/align.h"

typedef enum LandmarkDoubt {
    LANDMARKS_FINE,
    LANDMARKS_SHARES,     /* of width and height, not pixels */
    LANDMARKS_COLUMNS,    /* x1 ... x5 y1 ... y5 */
    LANDMARKS_SWAPPED,    /* left and right */
    LANDMARKS_TRANSPOSED, /* y before x */
    LANDMARKS_NO_FACE,    /* nothing like it */
    LANDMARKS_OUTSIDE,    /* of the picture, two or more of them */
    LANDMARKS_DOUBTS
} LandmarkDoubt;

/* In a picture of h x w pixels. A face may be seen from the side, turned and upside down. */
LandmarkDoubt landmarks_doubt(const double points[FACE_POINTS][2], int h, int w);

/* "the points are ...", for a message */
const char *landmarks_say(LandmarkDoubt doubt);

#endif
