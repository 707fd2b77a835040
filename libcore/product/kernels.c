#include "product/kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu_internal.h"
#include "base/real_internal.h"
#include "product/engine_internal.h"

/* OpenBLAS ------------------------------------------------------------------------------------ */

void openblas_product(real *c, const real *a, const real *b, const Product *p)
{
    real_gemm(CblasRowMajor, p->a_turned ? CblasTrans : CblasNoTrans,
              p->b_turned ? CblasTrans : CblasNoTrans, (blasint)p->m, (blasint)p->n, (blasint)p->k,
              1, a, (blasint)p->lda, b, (blasint)p->ldb, p->add ? 1 : 0, c, (blasint)p->ldc);
}

static bool openblas_run(Kernels *kernels, real *c, const real *a, const real *b, const Product *p)
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

/* The choice ---------------------------------------------------------------------------------- */

static int start(Kernels *kernels, const char *choice, Err *err)
{
    const char *onednn = "onednn";
    if (choice == NULL)
        choice = PRODUCT_ONEDNN && cpu_has_avx512() ? onednn : "openblas";
    if (strcmp(choice, "openblas") == 0) {
        kernels->engine = &openblas;
        name_openblas(kernels);
        return 0;
    }
    bool avx2 = strcmp(choice, "onednn:avx2") == 0;
    if (!avx2 && strcmp(choice, onednn) != 0 && strcmp(choice, "onednn:avx512") != 0)
        return err_set(err, "kernels '%s': there are openblas, onednn, onednn:avx512, onednn:avx2",
                       choice);
    if (avx2 ? !cpu_has_avx2() : !cpu_has_avx512())
        return err_set(err, "kernels '%s': this processor has no %s", choice,
                       avx2 ? "AVX2" : "AVX-512");
    return onednn_start(kernels, avx2, err);
}

Kernels *kernels_new(const char *choice, Err *err)
{
    Kernels *kernels = calloc(1, sizeof *kernels);
    if (kernels == NULL) {
        err_memory(err, "kernels", sizeof *kernels);
        return NULL;
    }
    if (start(kernels, choice, err) != 0) {
        kernels_free(kernels);
        return NULL;
    }
    return kernels;
}

void kernels_free(Kernels *kernels)
{
    if (kernels != NULL && kernels->engine != NULL && kernels->engine->release != NULL)
        kernels->engine->release(kernels);
    free(kernels);
}

const char *kernels_name(const Kernels *kernels)
{
    return kernels != NULL ? kernels->name : "OpenBLAS";
}

int kernels_check(const Kernels *kernels, Err *err)
{
    if (kernels != NULL && atomic_load(&kernels->failed))
        return err_set(err, "no memory for the kernels of %s", kernels->name);
    return 0;
}

/* Products ------------------------------------------------------------------------------------ */

void product_run(Kernels *kernels, real *c, const real *a, const real *b, const Product *product)
{
    if (product->m == 0 || product->n == 0)
        return;
    if (kernels == NULL)
        openblas_product(c, a, b, product);
    else if (!kernels->engine->run(kernels, c, a, b, product))
        atomic_store(&kernels->failed, true);
}

/* Packed, columns lie in panels of PANEL, and the rows of a panel are a whole number of GROUPs.
 * What is beyond the matrix is zero. */
enum { PANEL = 64, GROUP = 16 };

static int64_t panel_size(const Product *p)
{
    return (p->k + GROUP - 1) / GROUP * GROUP * PANEL;
}

size_t product_panels(const Product *p)
{
    return (size_t)((p->n + PANEL - 1) / PANEL * panel_size(p));
}

size_t product_packed(Kernels *kernels, const Product *p)
{
    bool packs =
        kernels != NULL && kernels->engine->packs != NULL && kernels->engine->packs(kernels, p);
    return packs ? product_panels(p) : 0;
}

/* A panel of `width` columns from b on. */
static void pack_panel(real *panel, const real *b, const Product *p, int64_t width)
{
    if (width < PANEL || p->k % GROUP != 0)
        memset(panel, 0, (size_t)panel_size(p) * sizeof *panel);
    if (p->b_turned)
        for (int64_t j = 0; j < width; j++)
            for (int64_t i = 0; i < p->k; i++)
                panel[i * PANEL + j] = b[j * p->ldb + i];
    else
        for (int64_t i = 0; i < p->k; i++)
            memcpy(panel + i * PANEL, b + i * p->ldb, (size_t)width * sizeof *panel);
}

void product_pack(real *packed, const real *b, const Product *p)
{
    for (int64_t j = 0; j < p->n; j += PANEL)
        pack_panel(packed + j / PANEL * panel_size(p), p->b_turned ? b + j * p->ldb : b + j, p,
                   p->n - j < PANEL ? p->n - j : PANEL);
}

bool product_rows_alike(const Kernels *kernels)
{
    return kernels != NULL && kernels->rows_alike;
}
