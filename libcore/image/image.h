/* An image: 8-bit RGB pixels[h,w,3], rows without gaps between them.
 *
 * An Image is a view and owns nothing: whoever made the pixels says how long they stay. */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/api.h"

API_BEGIN

typedef struct Image {
    uint8_t *pixels;
    int h, w;
} Image;

/* Pixels of an image: rows top .. bottom - 1, columns left .. right - 1 */
typedef struct Box {
    int top, left, bottom, right;
} Box;

/* Larger images are refused before anything is allocated for them. 2^27 pixels are 400 MB; they
 * admit telephones of 108 megapixels, 12000 x 9000. IMAGE_MOST_PIXELS: what a limit can be raised
 * to. */
#define IMAGE_MAX_SIDE    32768
#define IMAGE_MAX_PIXELS  (1 << 27)
#define IMAGE_MOST_PIXELS (1 << 29)

static inline size_t image_bytes(int h, int w)
{
    return (size_t)h * (size_t)w * 3;
}

API_END

#endif
