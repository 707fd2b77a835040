/* product/: oneDNN limited to AVX2, in a process of its own */
#include <cblas.h>

#include "product_check.h"

int main(void)
{
    openblas_set_num_threads(1);
    check_kernels("onednn:avx2");
    return END_TESTS();
}
