/* Turning a picture the way up that it is seen.
 *
 * An orientation is EXIF's: how the first row and the first column of what is stored lie when the
 * picture is seen as it was taken.
 *
 *     1 top, left       3 bottom, right    5 left, top       7 right, bottom
 *     2 top, right      4 bottom, left     6 right, top      8 left, bottom */
#ifndef IMAGE_ORIENT_INTERNAL_H
#define IMAGE_ORIENT_INTERNAL_H

#include <stdbool.h>

#include "image/image.h"

/* Whether height and width change places */
static inline bool orient_swaps(int orientation)
{
    return orientation >= 5;
}

/* Which part of what is stored, h x w, holds a box of what is seen */
Box orient_box(Box seen, int h, int w, int orientation);

/* The pixels within the box of what is seen, from what is stored. */
void orient(Image seen, Image stored, Box box, int orientation);

#endif
