/* Rounding to whole numbers of steps: what quantising and its undoing do to activations (ONNX's
 * QuantizeLinear and DequantizeLinear behind each other).
 *
 *     y = step q,  q = x / step rounded half to even and kept within low .. high
 *
 * A convolution whose weights are whole numbers of steps too can then be computed in whole numbers.
 * The gradient passes where q was not cut off ("straight through": Bengio et al., arXiv 1308.3432).
 */
#ifndef LAYERS_ROUND_INTERNAL_H
#define LAYERS_ROUND_INTERNAL_H

#include "base/real_internal.h"

enum { ROUND_LEVELS = 256, ROUND_FARTHEST = 255 };

/* y may be x. */
void round_forward(real *y, const real *x, double step, int low, int high, size_t n);

#endif
