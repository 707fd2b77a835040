/* Reading PNG from memory through libpng. For decode.c; messages hold the reason only. */
#ifndef IMAGE_PNG_INTERNAL_H
#define IMAGE_PNG_INTERNAL_H

#include <stdbool.h>

#include "base/err.h"
#include "image/image.h"

bool png_known(const uint8_t *bytes, size_t n);

/* Height and width of what is stored, and how that is to be turned, see orient.h. */
int png_read_size(int *h, int *w, int *orientation, const uint8_t *bytes, size_t n, Err *err);

/* Any PNG to 8-bit RGB. image.h and image.w are what png_read_size() found. */
int png_read_pixels(Image image, const uint8_t *bytes, size_t n, Err *err);

#endif
