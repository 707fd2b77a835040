#include "base/bfloat_internal.h"

WITH_BFLOAT void bfloat_round(Bfloat *to, const real *from, size_t n)
{
    bfloat_row(to, from, n);
}
