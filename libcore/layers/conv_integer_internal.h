/* Dense convolution in whole numbers of eight bits: of an input that was rounded to steps, and
 * weights that are whole numbers of steps, for each output its own.
 *
 * What goes in and what comes out are reals; between them is nothing but exact sums. Without them
 * it is layers/conv_internal.h that computes the same, but for the rounding of its sums. */
#ifndef LAYERS_CONV_INTEGER_INTERNAL_H
#define LAYERS_CONV_INTEGER_INTERNAL_H

#include <stdbool.h>

#include "layers/layer_internal.h"

/* Steps of weights on either side of 0 */
enum { CONV_INTEGER_STEPS = 127 };

/* The step of an output's weight[n] of which the largest is CONV_INTEGER_STEPS, and the one of
 * which all are whole numbers, but for the rounding of floats: 0 where there is none. */
double conv_integer_finest(const real *weight, int64_t n);
double conv_integer_step(const real *weight, int64_t n);

/* Whether all outputs have such a step, and sums cannot overflow. weight[o,k,k,c] */
bool conv_integer_fits(const real *weight, const Shape *shape);

/* Whether this convolution is to be computed so. */
bool conv_is_integer(const Node *node, const Kernels *kernels);

/* Numbers of type real for a thread's scratch, and of the packed weights */
size_t conv_integer_scratch(const Shape *shape);
size_t conv_integer_filter_size(const Node *node);
void conv_integer_filter(real *filter, const real *weight, const Node *node);

/* y[n,oh,ow,o] = x[n,h,w,c] * weight[o,k,k,c] */
void conv_integer_forward(real *y, const real *x, const real *filter, int n, const Node *node,
                          real *scratch);

#endif
