/* Pixels -> image files in memory: JPEG and PNG.
 *
 * An Encoder keeps its buffer from image to image; it serves one thread at a time. The bytes that
 * are given back belong to it and stay until its next call. */
#ifndef IMAGE_ENCODE_INTERNAL_H
#define IMAGE_ENCODE_INTERNAL_H

#include "base/err.h"
#include "image/image.h"

typedef struct Encoder Encoder;

Encoder *encoder_new(Err *err);
void encoder_free(Encoder *encoder); /* NULL is fine */

/* Baseline JPEG, 4:2:0 (as the field's own packs), quality 1..100. */
int encoder_jpeg(Encoder *encoder, const uint8_t **bytes, size_t *size, const Image *image,
                 int quality, Err *err);

/* PNG, 8-bit RGB. */
int encoder_png(Encoder *encoder, const uint8_t **bytes, size_t *size, const Image *image,
                Err *err);

#endif
