/* What several kinds share in Layer.fit and Layer.params. */
#ifndef LAYERS_FIT_INTERNAL_H
#define LAYERS_FIT_INTERNAL_H

#include "layers/layer_internal.h"

/* The output is as the (first) input is; the same for two inputs of one shape. */
bool fit_as_input(Node *node, const Shape *a, const Shape *b);
bool fit_as_both(Node *node, const Shape *a, const Shape *b);

/* h, w and c from the input, `out` channels, oh and ow as set. False when the window
 * would reach too far. */
bool fit_window(Node *node, const Shape *a, int out);

/* The same for a square kernel with the same stride and padding on both axes, which give oh and ow;
 * and its weights, [o, channels, kernel, kernel]. False when the kernel is larger than the image.
 */
bool fit_square(Node *node, const Shape *a, int out);
Param param_square(const Node *node, int channels, Init init);

#endif
