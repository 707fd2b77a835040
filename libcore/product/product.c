#include "product/product_internal.h"

#include <string.h>

#include "product/engine_internal.h"

void product_run(Kernels *kernels, real *c, const void *a, const void *b, const Product *product)
{
    if (product->m == 0 || product->n == 0)
        return;
    if (kernels == NULL)
        openblas_product(c, a, b, product);
    else if (!kernels->engine->run(kernels, c, a, b, product))
        atomic_store(&kernels->failed, true);
}

bool kernels_bfloat(const Kernels *kernels)
{
    return kernels_precision(kernels) == PRECISION_BF16;
}

bool kernels_integer(const Kernels *kernels)
{
    return kernels_precision(kernels) == PRECISION_INT8;
}

bool product_has(Kernels *kernels, const Product *product)
{
    return kernels_bfloat(kernels) && kernels->engine->has(kernels, product);
}

/* Packed, columns lie in panels of PANEL, and the rows of a panel are a whole number of GROUPs, or
 * of pairs of rows in bfloat16, whose numbers alternate. What is beyond the matrix is zero. */
enum { PANEL = 64, GROUP = 16 };

static int64_t panel_size(const Product *p)
{
    int64_t group = p->bfloat ? 2 * GROUP : GROUP;
    return (p->k + group - 1) / group * group * PANEL;
}

size_t product_panels(const Product *p)
{
    size_t numbers = (size_t)((p->n + PANEL - 1) / PANEL * panel_size(p));
    return p->bfloat ? numbers * sizeof(Bfloat) / sizeof(real) : numbers;
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

static void pack_bfloat(Bfloat *packed, const real *b, const Product *p)
{
    memset(packed, 0, product_panels(p) * sizeof(real));
    for (int64_t j = 0; j < p->n; j++)
        for (int64_t i = 0; i < p->k; i++)
            packed[product_bfloat_at(p, i & ~1, j) + (i & 1)] =
                float_to_bfloat((float)b[p->b_turned ? j * p->ldb + i : i * p->ldb + j]);
}

void product_pack(void *packed, const real *b, const Product *p)
{
    if (p->bfloat) {
        pack_bfloat(packed, b, p);
        return;
    }
    for (int64_t j = 0; j < p->n; j += PANEL)
        pack_panel((real *)packed + j / PANEL * panel_size(p), p->b_turned ? b + j * p->ldb : b + j,
                   p, p->n - j < PANEL ? p->n - j : PANEL);
}
