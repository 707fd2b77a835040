/* The loops of layers/depthwise_internal.h that are written in vectors; only for depthwise.c. */
#ifndef LAYERS_DEPTHWISE_KERNELS_INTERNAL_H
#define LAYERS_DEPTHWISE_KERNELS_INTERNAL_H

#include <stdbool.h>

#include "base/real_internal.h"
#include "layers/shape_internal.h"

/* Where the kernel meets the image at one output pixel. */
typedef struct Meeting {
    Taps y, x;
} Meeting;

static inline Meeting meeting(const Shape *s, int oy, int ox)
{
    return (Meeting){.y = taps_at(oy, s->h, s->kernel, s->stride, s->pad),
                     .x = taps_at(ox, s->w, s->kernel, s->stride, s->pad)};
}

static inline size_t pixel_under(const Shape *s, const Meeting *m, int ky, int kx)
{
    return ((size_t)(m->y.origin + ky) * s->w + m->x.origin + kx) * s->c;
}

/* x[h,w,c], y[oh,ow,c] and weight[k,k,c] */
typedef struct DepthwiseKernels {
    /* Kernels of 3x3 with stride 1 over one image, and channels that are a multiple of LANES_MOST:
     * y (+)= x * weight, of which a tap lies `tap` numbers behind the one before it; dweight += */
    void (*three)(real *y, const real *x, const real *weight, const Shape *shape, int tap,
                  bool add);
    void (*three_weight)(real *dweight, const real *dy, const real *x, const Shape *shape);
    /* y = x * weight of n images, for all others */
    void (*forward)(real *y, const real *x, const real *weight, int n, const Shape *shape);
} DepthwiseKernels;

/* For either width of vectors (base/real_internal.h) */
extern const DepthwiseKernels depthwise_kernels_wide, depthwise_kernels_narrow;

#endif
