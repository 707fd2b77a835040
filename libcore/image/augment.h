/* Augmentations of a face, pixels[h,w,3] 8-bit RGB, changed in place.
 *
 * The recipe is AdaFace's (Kim, Jain, Liu, CVPR 2022, section 4.1 and its published training code):
 * crop, low resolution and photometric changes, each with a probability of its own (0.2 there),
 * followed by the mirror image that all recipes share (0.5). Everything drawn for a face depends on
 * the seed, the epoch and the face's position in the epoch alone, and each kind of augmentation
 * draws from a generator of its own: switching one on leaves what the others do as it was. */
#ifndef IMAGE_AUGMENT_H
#define IMAGE_AUGMENT_H

#include <stddef.h>
#include <stdint.h>

/* Probabilities in [0, 1]. */
typedef struct Augment {
    double flip, crop, low_res, photometric;
} Augment;

/* Bytes of scratch that a face of that size needs; any alignment malloc() gives. */
size_t augment_scratch(int h, int w);

/* The whole recipe in its order: crop, low resolution, photometric, flip. */
void augment_face(uint8_t *pixels, const Augment *augment, uint64_t seed, uint64_t epoch,
                  uint64_t position, void *scratch, int h, int w);

/* The mirror image, left and right exchanged. */
void augment_flip(uint8_t *pixels, int h, int w);

/* Keeps the rectangle of ch x cw pixels whose corner is (top, left), makes the rest black. */
void augment_keep(uint8_t *pixels, int top, int left, int ch, int cw, int h, int w);

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

/* Brightness, contrast and saturation: x <- g + factor (x - g), clamped and cut off to a whole
 * number, where g is 0, the image's mean grey, or the pixel's own grey. Grey is ITU-R 601 luma.
 * Factor 1 changes nothing. This is what torchvision's adjust_* do to a PIL image. */
void augment_brightness(uint8_t *pixels, float factor, int h, int w);
void augment_contrast(uint8_t *pixels, float factor, int h, int w);
void augment_saturation(uint8_t *pixels, float factor, int h, int w);

#endif
