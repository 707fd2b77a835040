/* Resampling of images. */
#ifndef IMAGE_WARP_INTERNAL_H
#define IMAGE_WARP_INTERNAL_H

#include "image/align.h"
#include "image/image.h"

typedef enum Edge { EDGE_BLACK, EDGE_REPEAT } Edge; /* what lies beyond the image */

/* out[h,w,3]: the image moved by `similarity`. The pixel (u, v) of out is the image at the place
 * that the similarity brings to (u, v), between pixels by bilinear interpolation in float, rounded
 * to nearest. */
void image_warp(uint8_t *out, int h, int w, Image in, Similarity similarity, Edge edge);

/* What image_warp() reads of an image of image_h x image_w; never empty. */
Box image_warp_box(int h, int w, int image_h, int image_w, Similarity similarity);

/* Halves the image in place, each pixel the mean of four, as often as `similarity` would shrink it
 * by 2 or more, and adapts `similarity`: bilinear interpolation alone skips pixels there. */
void image_shrink(Image *image, Similarity *similarity);

#endif
