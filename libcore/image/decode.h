/* Image files in memory -> pixels: JPEG (libjpeg-turbo), PNG (libpng), WebP (libwebp), GIF
 * (giflib), TIFF (libtiff), HEIC and AVIF (libheif, if it was there when this was built), BMP,
 * Netpbm's PBM, PGM, PPM, PAM. A library for each, because those that read everything bring their
 * own idea of memory, of threads and of what a damaged file is.
 *
 * The format is recognised by content; of several pictures in a file the first counts. A picture
 * comes the way up that it was taken, where the file says so. Grey becomes RGB, inks are mixed
 * (CMYK), alpha is dropped, 16 bits become 8, colour profiles are ignored. A damaged or cut file is
 * an error, also where the library could have gone on with a warning. A Decoder keeps its buffers
 * from image to image, and nothing else; it serves one thread at a time. Messages hold the reason
 * only: the caller knows the name of the image. */
#ifndef IMAGE_DECODE_H
#define IMAGE_DECODE_H

#include <stdbool.h>

#include "base/api.h"
#include "base/err.h"
#include "image/image.h"

API_BEGIN

typedef struct Decoder Decoder;

Decoder *decoder_new(Err *err);
void decoder_free(Decoder *decoder); /* NULL is fine */

typedef struct DecodeRules {
    int64_t max_pixels; /* of an image, IMAGE_MAX_PIXELS unless told otherwise */
    bool lenient;       /* takes JPEGs of which the library could make up for damage */
} DecodeRules;

/* From the next image on */
void decoder_set(Decoder *decoder, const DecodeRules *rules);

/* Whether the last image was damaged in a way that can be made up for: taken, or refused for that.
 */
bool decoder_damaged(const Decoder *decoder);

/* Whether the bytes begin like an image decoder_read() knows (a dozen bytes are enough to tell), or
 * like a JPEG. */
bool image_known(const uint8_t *bytes, size_t size);
bool image_is_jpeg(const uint8_t *bytes, size_t size);

/* Height and width from the file's header alone. The bytes must stay until decoder_part(). */
int decoder_size(Decoder *decoder, int *h, int *w, const uint8_t *bytes, size_t size, Err *err);

/* After decoder_size(), once: what the box, which lies in the image, covers of it. The image has
 * the whole picture's size; pixels outside the box are not defined. Takes less time than all of it
 * where the format allows, and finds the same damage. The pixels belong to the decoder, as below.
 */
int decoder_part(Decoder *decoder, Image *image, Box box, Err *err);

/* Decodes; the pixels belong to the decoder and stay until its next call. */
int decoder_read(Decoder *decoder, Image *image, const uint8_t *bytes, size_t size, Err *err);

/* Decodes to pixels[h,w,3] given by the caller; an image of another size is an error. */
int decoder_read_to(Decoder *decoder, uint8_t *pixels, int h, int w, const uint8_t *bytes,
                    size_t size, Err *err);

API_END

#endif
