/* Products of whole numbers of eight bits, exact: the same bits on every processor, for any number
 * of rows and in any order.
 *
 * a[m,k] has numbers of a range low .. low + 255 that has 0 in it, b[n,k] (by rows, one an output)
 * from -127 to 127. Sums are of 32 bits, which INTEGER_DEEPEST numbers cannot overflow. How a and a
 * packed b lie depends on the processor: with AVX512_VNNI groups of four bytes are multiplied and
 * added at a time, a being taken from `low` on, elsewhere pairs of sixteen bits. */
#ifndef PRODUCT_INTEGER_INTERNAL_H
#define PRODUCT_INTEGER_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/real.h"

enum { INTEGER_DEEPEST = INT32_MAX / (255 * 127) };

typedef struct Integer {
    int64_t n, k;
    int low;
} Integer;

/* Bytes of a number of a, and numbers from one row of a to the next: k rounded up. */
size_t integer_width(void);
int64_t integer_stride(int64_t k);

/* a[count] = x / step, rounded half to even and kept within low .. high; a NaN becomes low. */
void integer_round(void *a, const real *x, size_t count, real step, int low, int high);

/* a[count] = 0 */
void integer_zero(void *a, size_t count, int low);

size_t integer_packed(const Integer *product); /* bytes of a packed b, a multiple of 64 */

/* Of b[n,k] in steps, those of each output its own: step[n] */
void integer_pack(void *packed, const real *b, const real *step, const Integer *product);

/* y[m,n] = scale[n] (a . b^T); rows of y are next to each other. */
void integer_run(real *y, const void *a, const void *packed, const real *scale, int64_t m,
                 const Integer *product);

#endif
