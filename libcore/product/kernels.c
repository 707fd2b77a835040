#include "product/kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu_internal.h"
#include "product/engine_internal.h"

static int start(Kernels *kernels, const char *choice, Err *err)
{
    const char *onednn = "onednn";
    if (choice == NULL)
        choice = PRODUCT_ONEDNN && cpu_has_avx512() ? onednn : "openblas";
    if (strcmp(choice, "openblas") == 0) {
        openblas_start(kernels);
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

static const char *const suffix[] = {
    [PRECISION_FLOAT] = "", [PRECISION_BF16] = " bf16", [PRECISION_INT8] = " int8"};

/* Whole numbers need nothing of the library. */
static int check_precision(const Kernels *kernels, Precision precision, Err *err)
{
    bool bfloat = precision == PRECISION_BF16;
    if (bfloat && !cpu_has_bfloat())
        return err_set(err, "no products in bf16: this processor has no AVX512_BF16");
    if (bfloat && kernels->engine->bfloat == NULL)
        return err_set(err, "%s has no products in bf16; oneDNN has", kernels->name);
    if (bfloat && !kernels->engine->bfloat())
        return err_set(err, "no products in bf16: oneDNN is limited to an older instruction set");
    return 0;
}

int kernels_set_precision(Kernels *kernels, Precision precision, Err *err)
{
    if (check_precision(kernels, precision, err) != 0)
        return -1;
    size_t length = strlen(kernels->name) - strlen(suffix[kernels->precision]);
    snprintf(kernels->name + length, sizeof kernels->name - length, "%s", suffix[precision]);
    kernels->precision = precision;
    return 0;
}

Precision kernels_precision(const Kernels *kernels)
{
    return kernels != NULL ? kernels->precision : PRECISION_FLOAT;
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
