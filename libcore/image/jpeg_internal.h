/* Reading JPEG from memory through libjpeg-turbo. For decode.c; messages hold the reason only. */
#ifndef IMAGE_JPEG_INTERNAL_H
#define IMAGE_JPEG_INTERNAL_H

#include <stdbool.h>

#include "base/err.h"
#include "image/image.h"

typedef struct JpegReader JpegReader;

JpegReader *jpegreader_new(Err *err);
void jpegreader_free(JpegReader *reader); /* NULL is fine */

/* Whether files that the library only warns of are taken (they are broken otherwise), and whether
 * the last one was such. */
void jpegreader_lenient(JpegReader *reader, bool lenient);
bool jpegreader_damaged(const JpegReader *reader);

/* Reads the header: height and width of what is stored, and how that is to be turned, see orient.h.
 * The bytes must stay for jpegreader_pixels(). */
int jpegreader_size(JpegReader *reader, int *h, int *w, int *orientation, const uint8_t *bytes,
                    size_t n, Err *err);

/* After jpegreader_size(), whose h and w the image has: its pixels within the box as RGB, by the
 * accurate inverse transform and smooth upsampling; inks as Pillow mixes them. Others are written
 * to or not. The whole file is read whatever the box is, and the first thing wrong with it is an
 * error. */
int jpegreader_pixels(JpegReader *reader, Image image, Box box, Err *err);

#endif
