/* nn/ with oneDNN limited to AVX2, in a process of its own */
#include "nn_train_check.h"

int main(void)
{
    check_nets("onednn:avx2");
    return END_TESTS();
}
