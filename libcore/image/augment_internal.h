/* Augmentations of a face, pixels[h,w,3] 8-bit RGB, changed in place.
 *
 * The recipe is AdaFace's (Kim, Jain, Liu, CVPR 2022, section 4.1 and its published training code):
 * crop, low resolution and photometric changes, each with a probability of its own (0.2 there),
 * followed by the mirror image that all recipes share (0.5). Everything drawn for a face depends on
 * the seed, the epoch and the face's position in the epoch alone, and each kind of augmentation
 * draws from a generator of its own: switching one on leaves what the others do as it was. */
#ifndef IMAGE_AUGMENT_INTERNAL_H
#define IMAGE_AUGMENT_INTERNAL_H

#include <stdint.h>

#include "image/augment_degrade_internal.h"

/* Probabilities in [0, 1]. */
typedef struct Augment {
    double flip, crop, low_res, photometric;
} Augment;

/* The whole recipe in its order: crop, low resolution, photometric, flip; scratch of
 * augment_scratch() bytes. */
void augment_face(uint8_t *pixels, const Augment *augment, uint64_t seed, uint64_t epoch,
                  uint64_t position, void *scratch, int h, int w);

/* The mirror image, left and right exchanged. */
void augment_flip(uint8_t *pixels, int h, int w);

/* Keeps the rectangle of ch x cw pixels whose corner is (top, left), makes the rest black. */
void augment_keep(uint8_t *pixels, int top, int left, int ch, int cw, int h, int w);

/* Brightness, contrast and saturation: x <- g + factor (x - g), clamped and cut off to a whole
 * number, where g is 0, the image's mean grey, or the pixel's own grey. Grey is ITU-R 601 luma.
 * Factor 1 changes nothing. This is what torchvision's adjust_* do to a PIL image. */
void augment_brightness(uint8_t *pixels, float factor, int h, int w);
void augment_contrast(uint8_t *pixels, float factor, int h, int w);
void augment_saturation(uint8_t *pixels, float factor, int h, int w);

#endif
