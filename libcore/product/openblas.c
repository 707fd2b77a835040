/* Products by OpenBLAS, of one thread each. */
#include <stdio.h>

#include "base/real_internal.h"
#include "product/engine_internal.h"

void openblas_product(real *c, const void *a, const void *b, const Product *p)
{
    real_gemm(CblasRowMajor, p->a_turned ? CblasTrans : CblasNoTrans,
              p->b_turned ? CblasTrans : CblasNoTrans, (blasint)p->m, (blasint)p->n, (blasint)p->k,
              1, a, (blasint)p->lda, b, (blasint)p->ldb, p->add ? 1 : 0, c, (blasint)p->ldc);
}

static bool openblas_run(Kernels *kernels, real *c, const void *a, const void *b, const Product *p)
{
    (void)kernels;
    openblas_product(c, a, b, p);
    return true;
}

static const Engine openblas = {.run = openblas_run};

/* Its configuration begins with its name and version: "OpenBLAS 0.3.21 NO_LAPACKE ..." */
static void name_openblas(Kernels *kernels)
{
    char version[32] = "";
    sscanf(openblas_get_config(), "OpenBLAS %31s", version);
    snprintf(kernels->name, sizeof kernels->name, "OpenBLAS %s %s", version,
             openblas_get_corename());
}

void openblas_start(Kernels *kernels)
{
    kernels->engine = &openblas;
    name_openblas(kernels);
}
