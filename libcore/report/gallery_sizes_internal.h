/* Identification against the size of the gallery, as a table. */
#ifndef REPORT_GALLERY_SIZES_INTERNAL_H
#define REPORT_GALLERY_SIZES_INTERNAL_H

#include <stdio.h>

#include "identify/gallery_sizes_internal.h"

/* TSV: of size[n], asked for at rank 1, a line for each FPIR and size; what cannot be measured is
 * NA. */
void report_gallery_sizes(FILE *out, const GallerySize *size, int n, const IdentificationAsk *ask);

#endif
