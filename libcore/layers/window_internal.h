/* A window that slides over an image: the geometry of pools and of convolutions in general.
 *
 * Output (oy,ox) reads input rows oy*sh - top + ky*dh for ky in 0 .. kh-1, and columns likewise;
 * those outside the image are left out (they count as zero). How far the window slides at the
 * bottom and on the right is said by the size of the output. */
#ifndef LAYERS_WINDOW_INTERNAL_H
#define LAYERS_WINDOW_INTERNAL_H

#include <stdbool.h>

#include "layers/shape_internal.h"

typedef struct Window {
    int kh, kw;    /* size */
    int sh, sw;    /* stride */
    int dh, dw;    /* distance of its taps, 1 when they are neighbours */
    int top, left; /* padding */
} Window;

/* The row or column that tap k of an output's window reads, or -1 outside an image so large. */
static inline int window_at(int out, int k, int stride, int dilation, int pad, int size)
{
    int at = out * stride - pad + k * dilation;
    return at < 0 || at >= size ? -1 : at;
}

/* The taps of an output's window that lie on the image, first .. end-1. */
static inline Taps window_taps(int out, int kernel, int stride, int dilation, int pad, int size)
{
    int origin = out * stride - pad;
    int first = origin < 0 ? (dilation - 1 - origin) / dilation : 0;
    int end = origin < size ? (size - 1 - origin) / dilation + 1 : 0;
    end = end < kernel ? end : kernel;
    return (Taps){.origin = origin, .first = first, .end = end > first ? end : first};
}

/* Outputs along an axis for padding on both sides; `up`: a last window may hang over the edge as
 * long as it begins inside the image or the padding before it (ONNX's ceil_mode). */
static inline int window_outputs(int size, int kernel, int stride, int dilation, int before,
                                 int after, bool up)
{
    int slide = size + before + after - dilation * (kernel - 1) - 1;
    int n = slide < 0 ? 0 : slide / stride + 1;
    if (up && slide >= 0 && slide % stride != 0 && n * stride < size + before)
        n++;
    return n;
}

#endif
