/* Inside product/: what a library that computes products is asked for. */
#ifndef PRODUCT_ENGINE_INTERNAL_H
#define PRODUCT_ENGINE_INTERNAL_H

#include <stdatomic.h>

#include "product/product_internal.h"

typedef struct Engine {
    /* false when there is no memory */
    bool (*run)(Kernels *kernels, real *c, const void *a, const void *b, const Product *product);
    /* Does it want this product's b packed, and gives a row of c the same bits for any m then?
     * NULL: never. */
    bool (*packs)(Kernels *kernels, const Product *product);
    bool (*has)(Kernels *kernels, const Product *product); /* NULL: it computes everything */
    bool (*bfloat)(void); /* are there instructions for bfloat16? NULL: it never computes in it */
    void (*release)(Kernels *kernels); /* or NULL */
} Engine;

struct Kernels {
    const Engine *engine;
    char name[64];
    Precision precision;
    void *state; /* the engine's own */
    atomic_bool failed;
};

/* A product by OpenBLAS, whose b is not packed. */
void openblas_product(real *c, const void *a, const void *b, const Product *product);

/* Whether this build has oneDNN, which computes in float alone. */
#if defined(HAVE_ONEDNN) && !defined(REAL_DOUBLE)
#define PRODUCT_ONEDNN 1
#else
#define PRODUCT_ONEDNN 0
#endif

/* Makes kernels OpenBLAS'. */
void openblas_start(Kernels *kernels);

/* Makes kernels oneDNN's, limited to AVX2 or not. 0 or -1. */
int onednn_start(Kernels *kernels, bool avx2, Err *err);

#endif
