/* Formats of picture files. Each is one file, with its Format at the end, and a line in the table
 * in decode.c. Messages hold the reason only. */
#ifndef IMAGE_FORMAT_INTERNAL_H
#define IMAGE_FORMAT_INTERNAL_H

#include <stdbool.h>

#include "base/err.h"
#include "image/image.h"

/* What a file's header says of its picture. */
typedef struct Stored {
    int h, w;
    int orientation; /* how what is stored is to be turned, see image/orient_internal.h */
} Stored;

typedef struct Format {
    /* Whether the bytes begin like such a file; a dozen are enough to tell. */
    bool (*known)(const uint8_t *bytes, size_t n);

    /* Reads the header alone; stored->orientation is 1 before. The caller looks at the size. */
    int (*size)(Stored *stored, const uint8_t *bytes, size_t n, Err *err);

    /* The first picture of the file as 8-bit RGB; image.h and image.w are what size() found. */
    int (*pixels)(Image image, const uint8_t *bytes, size_t n, Err *err);
} Format;

extern const Format format_png, format_pnm, format_webp, format_gif, format_tiff, format_bmp,
    format_heif;

#endif
