/* nn/ with OpenBLAS, and with oneDNN and AVX-512 */
#include "nn_train_check.h"

int main(void)
{
    check_nets("openblas");
    check_nets("onednn");
    return END_TESTS();
}
