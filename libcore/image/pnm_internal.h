/* Netpbm's files: PBM (P1, P4), PGM (P2, P5), PPM (P3, P6), as text and binary, and PAM (P7), of up
 * to 16 bits. For decode.c; messages hold the reason only. */
#ifndef IMAGE_PNM_INTERNAL_H
#define IMAGE_PNM_INTERNAL_H

#include <stdbool.h>

#include "base/err.h"
#include "image/image.h"

bool pnm_known(const uint8_t *bytes, size_t n);
int pnm_read_size(int *h, int *w, const uint8_t *bytes, size_t n, Err *err);

/* image.h and image.w are what pnm_read_size() found. Samples are scaled to 0..255; grey becomes
 * RGB, transparency is dropped, what follows the first picture is not looked at. */
int pnm_read_pixels(Image image, const uint8_t *bytes, size_t n, Err *err);

#endif
