#include "kernels.h"

#include <cblas.h>
#include <stdio.h>
#include <string.h>

#include "base/cpu_internal.h"
#include "tool.h"

/* Weak, so that only tools that compute with these libraries are linked with them: the threads of
 * OpenBLAS spin for some 30 ms when it is loaded. */
#pragma weak openblas_get_corename
#pragma weak openblas_set_num_threads
#pragma weak kernels_new
#pragma weak kernels_free
#pragma weak kernels_name
#pragma weak kernels_set_precision

static bool is_among(const char *word, const char *const *list)
{
    while (*list != NULL && strcmp(word, *list) != 0)
        list++;
    return *list != NULL;
}

/* What the processor has and OpenBLAS's kernels do not use, or NULL. OPENBLAS_CORETYPE may have
 * pinned them to an older processor, which halves the speed or worse. */
static const char *unused_vectors(const char *kernels)
{
    static const char *const wide[] = {"SkylakeX", "Cooperlake", "Sapphirerapids", NULL};
    static const char *const middle[] = {"Haswell", "Zen", NULL};
    if (is_among(kernels, wide))
        return NULL;
    if (cpu_has_avx512())
        return "AVX-512";
    return cpu_has_avx2() && !is_among(kernels, middle) ? "AVX2" : NULL;
}

static void warn_of_blas(void)
{
    const char *kernels = openblas_get_corename(), *unused = unused_vectors(kernels);
    if (unused != NULL)
        cli_note("OpenBLAS uses its kernels for %s although this processor has %s: slower than "
                 "necessary; is OPENBLAS_CORETYPE set?",
                 kernels, unused);
}

static bool is_openblas(const Kernels *kernels)
{
    return strncmp(kernels_name(kernels), "OpenBLAS", 8) == 0;
}

void cli_limit_blas(void)
{
    openblas_set_num_threads(1);
}

void cli_print_blas(void)
{
    printf("OpenBLAS kernels for %s\n", openblas_get_corename());
    warn_of_blas();
}

void cli_print_kernels(void)
{
    Err err = {0};
    Kernels *kernels = kernels_new(NULL, &err);
    printf("kernels: %s\n", kernels != NULL ? kernels_name(kernels) : err.text);
    if (kernels != NULL && is_openblas(kernels))
        warn_of_blas();
    kernels_free(kernels);
}

Kernels *cli_kernels(int choice, Err *err)
{
    static const char *const names[] = {NULL, "openblas", "onednn", "onednn:avx2"};
    Kernels *kernels = kernels_new(names[choice], err);
    if (kernels != NULL && is_openblas(kernels))
        warn_of_blas();
    return kernels;
}

int cli_set_precision(Kernels *kernels, Precision precision, bool required, Err *err)
{
    Err why = {0};
    if (kernels_set_precision(kernels, precision, &why) == 0)
        return 0;
    if (required)
        return err_set(err, "%s", why.text);
    cli_note("%s; computing in float", why.text);
    return 0;
}
