/* The product of two activations: of the same shape, or an image and one number a channel, as a
 * squeeze-and-excitation block has it. */
#ifndef LAYERS_MULTIPLY_INTERNAL_H
#define LAYERS_MULTIPLY_INTERNAL_H

#include "base/real_internal.h"
#include "layers/shape_internal.h"

/* y[n,pixels,c] = a[n,pixels,c] . b, where b is [n,each,c] with each = pixels or 1 */
void multiply_forward(real *y, const real *a, const real *b, int n, int64_t pixels, int64_t each,
                      int c);

/* da += dy . b,  db += dy . a summed over the pixels it was used for; either may be NULL */
void multiply_backward(real *da, real *db, const real *dy, const real *a, const real *b, int n,
                       int64_t pixels, int64_t each, int c);

#endif
