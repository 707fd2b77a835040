/* The geometry of a two-dimensional layer, shared by the convolutions.
 *
 * All arrays are NHWC: x[n,h,w,c] means that the channels of a pixel lie side by side. */
#ifndef LAYERS_SHAPE_INTERNAL_H
#define LAYERS_SHAPE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

typedef struct Shape {
    int h, w, c;             /* input: rows, columns, channels */
    int oh, ow, o;           /* output */
    int kernel, stride, pad; /* square kernel, the same stride and zero padding on both axes */
} Shape;

static inline Shape shape_of(int h, int w, int c, int o, int kernel, int stride, int pad)
{
    return (Shape){.h = h,
                   .w = w,
                   .c = c,
                   .oh = (h + 2 * pad - kernel) / stride + 1,
                   .ow = (w + 2 * pad - kernel) / stride + 1,
                   .o = o,
                   .kernel = kernel,
                   .stride = stride,
                   .pad = pad};
}

/* The part of a kernel's axis that lies on the image when it stands at output position `at`:
 * taps first .. end-1 read input positions origin + tap. There are none where it stands on padding
 * alone, which it does when that is wider than the kernel. */
typedef struct Taps {
    int origin, first, end;
} Taps;

static inline Taps taps_at(int at, int size, int kernel, int stride, int pad)
{
    int origin = at * stride - pad;
    int first = origin < 0 ? -origin : 0, end = origin + kernel > size ? size - origin : kernel;
    return (Taps){.origin = origin, .first = first, .end = end > first ? end : first};
}

#endif
