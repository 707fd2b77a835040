/* What kernels compute with: the BLAS for real, functions of <tgmath.h>, vectors of several
 * instruction sets. */
#ifndef BASE_REAL_INTERNAL_H
#define BASE_REAL_INTERNAL_H

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <tgmath.h>

#include "base/cpu_internal.h"
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
#if defined(__clang_major__) && __clang_major__ < 18
/* Their resolvers compare a level of x86-64 with the processor's maker, and clash when linked; 17's
 * have a name that other files do not call. */
#define CLONES
#elif defined(__x86_64__) && !defined(NO_CLONES)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

/* For the helpers of such a function: what the compiler does not inline is not cloned with it. */
#define INLINE static inline __attribute__((always_inline))

/* AVX-512 for __attribute__((target())): clang's -march=native takes away what the processor lacks,
 * even from a function for another one, unless it is named. */
#define TARGET_AVX512 "arch=x86-64-v4,avx512f,avx512bw,avx512cd,avx512dq,avx512vl"

/* A few loops must keep their sums in registers, and are written in vectors for that: Lanes. A
 * vector that is wider than the processor's registers gcc takes apart in memory, so such a source
 * is compiled twice: as NAME.c for AVX-512, where cpu_has_avx512(), and for all others as
 * NAME_narrow.c, which defines NARROW and includes it. What it offers it names by OF_WIDTH(), and
 * its functions that compute are FOR_WIDTH; BY_WIDTH() is the address of what suits the processor.
 * Both give the same numbers. */
#define BY_WIDTH(name) (cpu_has_avx512() ? &name##_wide : &name##_narrow)
#ifdef NARROW
enum { LANE_BYTES = 32 };
#define OF_WIDTH(name) name##_narrow
#define FOR_WIDTH      CLONES
#else
enum { LANE_BYTES = 64 };
#define OF_WIDTH(name) name##_wide
#if defined(__x86_64__) && !defined(NO_CLONES)
#define FOR_WIDTH __attribute__((target(TARGET_AVX512)))
#else
#define FOR_WIDTH
#endif
#endif

/* May be read and written wherever a real may. */
typedef real Lanes __attribute__((vector_size(LANE_BYTES), aligned(sizeof(real)), may_alias));
enum { LANES = LANE_BYTES / sizeof(real) };

/* The numbers of the widest Lanes, of which sizes are multiples whatever the width is. */
enum { LANES_MOST = 64 / sizeof(real) };

#endif
