/* EXIF: which way up a picture is. */
#ifndef IMAGE_EXIF_INTERNAL_H
#define IMAGE_EXIF_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

/* The orientation, 1 .. 8 as in orient.h, that a block of EXIF says: a TIFF file, without "Exif" in
 * front. 1 when it says nothing, or nothing that makes sense. */
int exif_orientation(const uint8_t *tiff, size_t size);

#endif
