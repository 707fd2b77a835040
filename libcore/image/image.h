/* An image: 8-bit RGB pixels[h,w,3], rows without gaps between them.
 *
 * An Image is a view and owns nothing: whoever made the pixels says how long they stay. */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

typedef struct Image {
    uint8_t *pixels;
    int h, w;
} Image;

/* Pixels of an image: rows top .. bottom - 1, columns left .. right - 1 */
typedef struct Box {
    int top, left, bottom, right;
} Box;

/* Larger images are refused before anything is allocated for them: 8192 x 8192 pixels are 200 MB.
 */
#define IMAGE_MAX_SIDE   32768
#define IMAGE_MAX_PIXELS (1 << 26)

static inline size_t image_bytes(int h, int w)
{
    return (size_t)h * (size_t)w * 3;
}

#endif
