/* A lower resolution: a picture made smaller and larger again. */
#ifndef IMAGE_AUGMENT_DEGRADE_INTERNAL_H
#define IMAGE_AUGMENT_DEGRADE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of scratch that a face of that size needs; any alignment malloc() gives. */
size_t augment_scratch(int h, int w);

/* The filters of augment_degrade(), as OpenCV defines them but with weights that are not rounded.
 * Only the area filter averages when it makes an image smaller. */
typedef enum Filter {
    FILTER_NEAREST,
    FILTER_LINEAR,
    FILTER_AREA,
    FILTER_CUBIC,   /* Keys' kernel with a = -0.75, 4 x 4 pixels */
    FILTER_LANCZOS, /* Lanczos' kernel of order 4, 8 x 8 pixels */
    FILTER_COUNT
} Filter;

/* Resamples to sh x sw pixels (1 <= sh <= h, 1 <= sw <= w) with one filter, and back to h x w with
 * another. */
void augment_degrade(uint8_t *pixels, int sh, int sw, Filter down, Filter up, void *scratch, int h,
                     int w);

#endif
