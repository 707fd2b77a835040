/* Two activations with their channels side by side. */
#ifndef LAYERS_CONCAT_INTERNAL_H
#define LAYERS_CONCAT_INTERNAL_H

#include "base/real_internal.h"
#include "layers/shape_internal.h"

/* y[rows,ca+cb] from a[rows,ca] and b[rows,cb] */
void concat_forward(real *y, const real *a, const real *b, int64_t rows, int ca, int cb);

/* da and db += their parts of dy; either may be NULL */
void concat_backward(real *da, real *db, const real *dy, int64_t rows, int ca, int cb);

#endif
