/* What the processor could do at the most. */
#ifndef PRODUCT_PEAK_INTERNAL_H
#define PRODUCT_PEAK_INTERNAL_H

#include "base/pool.h"

/* Fused multiply-adds of numbers in registers alone, without a load or a store: floating-point
 * operations a second of a core, when as many as the pool has threads are at it. Takes some 50 ms.
 */
double product_peak(Pool *pool);

#endif
