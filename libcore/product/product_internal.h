/* Matrix products: what layers and heads know of the libraries that compute them. */
#ifndef PRODUCT_PRODUCT_INTERNAL_H
#define PRODUCT_PRODUCT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/half_internal.h"
#include "base/real.h"
#include "product/kernels.h"

/* c[m,n] = or += a[m,k] . b[k,n], all of them by rows. A turned factor lies as its transpose. */
typedef struct Product {
    int64_t m, n, k;
    int64_t lda, ldb, ldc; /* numbers from one stored row to the next */
    bool a_turned;         /* a lies as [k,m] */
    bool b_turned;         /* b lies as [n,k] */
    bool b_packed;         /* b was packed by product_pack() for this n, k and b_turned */
    bool add;              /* += */
    bool bfloat;           /* a and b are Bfloats, c and all sums reals */
} Product;

/* The products of a layer with weights w[outer,inner], x[rows,inner] and y[rows,outer]. */

/* y = x . w^T */
static inline Product product_forward(int64_t rows, int64_t outer, int64_t inner)
{
    return (Product){.m = rows,
                     .n = outer,
                     .k = inner,
                     .lda = inner,
                     .ldb = inner,
                     .ldc = outer,
                     .b_turned = true};
}

/* dx += dy . w */
static inline Product product_input(int64_t rows, int64_t outer, int64_t inner)
{
    return (Product){
        .m = rows, .n = inner, .k = outer, .lda = outer, .ldb = inner, .ldc = inner, .add = true};
}

/* dw += dy^T . x */
static inline Product product_weight(int64_t rows, int64_t outer, int64_t inner)
{
    return (Product){.m = outer,
                     .n = inner,
                     .k = rows,
                     .lda = outer,
                     .ldb = inner,
                     .ldc = inner,
                     .a_turned = true,
                     .add = true};
}

/* Kernels may be NULL for OpenBLAS. Any thread may compute, several at a time; no product makes
 * threads of its own. */
void product_run(Kernels *kernels, real *c, const void *a, const void *b, const Product *product);

/* Whether products are to be in bfloat16, where there is a kernel for them. */
bool kernels_bfloat(const Kernels *kernels);

/* Whether convolutions that can be are to be computed in whole numbers. */
bool kernels_integer(const Kernels *kernels);

/* Whether the kernels compute this product, one in bfloat16 whose b is not packed. */
bool product_has(Kernels *kernels, const Product *product);

/* Reals that b takes when it is packed, whatever m is; product_packed() is 0 where the kernels do
 * not want this product's packed. A row of c has the same bits for any m then. And packing, of
 * reals always. */
size_t product_panels(const Product *product);
size_t product_packed(Kernels *kernels, const Product *product);
void product_pack(void *packed, const real *b, const Product *product);

/* Where number [i,j] of b, packed in bfloat16, is, i being even: [i + 1,j] is the next. */
static inline size_t product_bfloat_at(const Product *product, int64_t i, int64_t j)
{
    int64_t deep = (product->k + 31) / 32 * 32;
    return (size_t)(j / 64 * 64 * deep + i * 64 + j % 64 * 2);
}

#endif
