/* Which library computes the matrix products of layers and heads, and with which instructions.
 *
 * OpenBLAS is always there. oneDNN generates its kernels for the product at hand and is nearer to
 * the processor's peak; it is there when it was found where the library was built, and it computes
 * in float only. Results differ in rounding from one to the other, so what was trained with one set
 * of kernels repeats to the byte with that set alone. */
#ifndef PRODUCT_KERNELS_H
#define PRODUCT_KERNELS_H

#include "base/api.h"
#include "base/err.h"

API_BEGIN

typedef struct Kernels Kernels;

/* `choice` is "openblas", "onednn" with AVX-512, "onednn:avx2", or NULL for the fastest that this
 * processor and this build have. oneDNN's instruction set is one for the process: the first call
 * decides. NULL on failure. */
Kernels *kernels_new(const char *choice, Err *err);
void kernels_free(Kernels *kernels); /* NULL is fine */

/* What products are computed from: floats; bfloat16, the upper halves of floats, which have eight
 * bits of precision; or, in quantised layers of inference, whole numbers of eight bits, whose sums
 * are exact. Other sums are floats always. */
typedef enum Precision { PRECISION_FLOAT, PRECISION_BF16, PRECISION_INT8 } Precision;

/* Before anything is computed; float at first. -1, and float it stays, where these kernels or this
 * processor have no such products. */
int kernels_set_precision(Kernels *kernels, Precision precision, Err *err);
Precision kernels_precision(const Kernels *kernels); /* NULL: float */

/* Library, version, instruction set and precision, such as "oneDNN 2.6.3 avx512" or "oneDNN 2.6.3
 * avx512 bf16". */
const char *kernels_name(const Kernels *kernels);

/* 0, or -1 when a product could not be computed for want of memory: what was computed since is
 * worthless. NULL is fine. */
int kernels_check(const Kernels *kernels, Err *err);

API_END

#endif
