/* What kernels compute with: the BLAS for real, functions of <tgmath.h>, vectors of several
 * instruction sets. */
#ifndef BASE_REAL_INTERNAL_H
#define BASE_REAL_INTERNAL_H

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <tgmath.h>

#include "base/real.h"

#ifdef REAL_DOUBLE
#define real_gemm    cblas_dgemm
#define real_gemv    cblas_dgemv
#define REAL_EPSILON DBL_EPSILON
#else
#define real_gemm    cblas_sgemm
#define real_gemv    cblas_sgemv
#define REAL_EPSILON FLT_EPSILON
#endif

/* One source, several instruction sets, chosen when the program is loaded. For a function whose
 * loops the compiler vectorises; what it calls must be inline. Not under sanitizers, whose
 * instrumentation runs before the resolvers can. */
#if defined(__clang_major__) && __clang_major__ < 17
/* Their resolvers compare a level of x86-64 with the processor's maker, and clash when linked. */
#define CLONES
#elif defined(__x86_64__) && !defined(NO_CLONES)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

/* For the helpers of such a function: what the compiler does not inline is not cloned with it. */
#define INLINE static inline __attribute__((always_inline))

/* As many numbers as the widest vector register holds, for the few loops whose sums must stay in
 * registers; may be read and written wherever a real may. */
typedef real Lanes __attribute__((vector_size(64), aligned(sizeof(real)), may_alias));
enum { LANES = 64 / sizeof(real) };

/* The same of AVX2, for loops that must be fast where that is all: gcc takes Lanes apart in memory
 * there. */
typedef real Half __attribute__((vector_size(32), aligned(sizeof(real)), may_alias));
enum { HALF = LANES / 2 };

#endif
