/* The number type of layers and losses: float, or double when the whole library is compiled with
 * -DREAL_DOUBLE for the numeric gradients of the tests. */
#ifndef BASE_REAL_H
#define BASE_REAL_H

#ifdef REAL_DOUBLE
typedef double real;
#else
typedef float real;
#endif

#endif
