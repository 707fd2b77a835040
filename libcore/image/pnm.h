/* Binary PGM (P5) and PPM (P6) of up to 8 bits. For decode.c; messages hold the reason only. */
#ifndef IMAGE_PNM_H
#define IMAGE_PNM_H

#include <stdbool.h>

#include "base/err.h"
#include "image/image.h"

bool pnm_known(const uint8_t *bytes, size_t n);
int pnm_read_size(int *h, int *w, const uint8_t *bytes, size_t n, Err *err);

/* image.h and image.w are what pnm_read_size() found. Samples are scaled to 0..255. */
int pnm_read_pixels(Image image, const uint8_t *bytes, size_t n, Err *err);

#endif
