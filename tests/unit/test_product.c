/* product/: OpenBLAS, and oneDNN with AVX-512 */
#include <cblas.h>

#include "product_check.h"

static void check_choice(void)
{
    Err err = {0};
    Kernels *kernels = kernels_new("onednn:sse", &err);
    CHECK(kernels == NULL && err_is_set(&err), "there is no onednn:sse");
    kernels_free(kernels);
}

int main(void)
{
    openblas_set_num_threads(1);
    check_kernels("openblas");
    check_choice();
    check_kernels("onednn");
    return END_TESTS();
}
