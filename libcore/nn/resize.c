#include "nn/resize.h"

#include <string.h>

INLINE void add(real *restrict dx, const real *restrict dy, size_t n)
{
#pragma omp simd
    for (size_t j = 0; j < n; j++)
        dx[j] += dy[j];
}

void pad_forward(real *y, const real *x, int n, const Shape *s, int top, int left, real value)
{
    size_t out = (size_t)s->oh * s->ow * s->c, row = (size_t)s->w * s->c;
    for (size_t i = 0; i < (size_t)n * out; i++)
        y[i] = value;
    for (int i = 0; i < n; i++, y += out)
        for (int r = 0; r < s->h; r++, x += row)
            memcpy(y + ((size_t)(r + top) * s->ow + left) * s->c, x, row * sizeof *y);
}

CLONES void pad_backward(real *dx, const real *dy, int n, const Shape *s, int top, int left)
{
    size_t row = (size_t)s->w * s->c;
    for (int i = 0; i < n; i++, dy += (size_t)s->oh * s->ow * s->c)
        for (int r = 0; r < s->h; r++, dx += row)
            add(dx, dy + ((size_t)(r + top) * s->ow + left) * s->c, row);
}

/* The pixel of x that an output pixel repeats. */
INLINE size_t source(const Shape *s, int oy, int ox)
{
    return ((size_t)(oy / (s->oh / s->h)) * s->w + ox / (s->ow / s->w)) * s->c;
}

void upsample_forward(real *y, const real *x, int n, const Shape *s)
{
    for (int i = 0; i < n; i++, x += (size_t)s->h * s->w * s->c)
        for (int oy = 0; oy < s->oh; oy++)
            for (int ox = 0; ox < s->ow; ox++, y += s->c)
                memcpy(y, x + source(s, oy, ox), (size_t)s->c * sizeof *y);
}

CLONES void upsample_backward(real *dx, const real *dy, int n, const Shape *s)
{
    for (int i = 0; i < n; i++, dx += (size_t)s->h * s->w * s->c)
        for (int oy = 0; oy < s->oh; oy++)
            for (int ox = 0; ox < s->ow; ox++, dy += s->c)
                add(dx + source(s, oy, ox), dy, (size_t)s->c);
}
