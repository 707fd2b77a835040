/* The transforms of F(4x4, 3x3) along one axis, and along both; only for the sources of
 * layers/winograd_internal.h.
 *
 * With the points 0, a, -a, b, -b, infinity and m(x) = x (x^2 - a^2) (x^2 - b^2), where
 * a^2 = 1/2, b^2 = 2: the rows of B^T are the coefficients of m(x) / (x - p) and of m(x), those of
 * G are (1, p, p^2) / m'(p) and (0, 0, 1), the columns of A^T are (1, p, p^2, p^3) and
 * (0, 0, 0, 1). Each function transforms LANES channels at once and pairs p with -p. */
#ifndef LAYERS_WINOGRAD_AXIS_INTERNAL_H
#define LAYERS_WINOGRAD_AXIS_INTERNAL_H

#include "base/real_internal.h"

enum { OUT = 4, TAPS = 3, IN = OUT + TAPS - 1, POINTS = IN * IN };

#define POINT_A  ((real)0.70710678118654752440)
#define POINT_B  ((real)1.41421356237309504880)
#define POINT_AA ((real)0.5)
#define POINT_BB ((real)2)
/* 1 / m'(a) = 1 / (2 a^2 (a^2 - b^2)) and 1 / m'(b); m'(0) = 1 */
#define SLOPE_A ((real)(-2 / 3.0))
#define SLOPE_B ((real)(1 / 6.0))

/* out[i * os] from in[i * is] */
typedef void Axis(Lanes *out, int os, const Lanes *in, int is);

/* B^T: 6 inputs to 6 points */
INLINE void axis_input(Lanes *out, int os, const Lanes *in, int is)
{
    Lanes x0 = in[0], x1 = in[is], x2 = in[2 * is], x3 = in[3 * is], x4 = in[4 * is],
          x5 = in[5 * is];
    Lanes even_a = x4 - POINT_BB * x2, odd_a = POINT_A * (x3 - POINT_BB * x1);
    Lanes even_b = x4 - POINT_AA * x2, odd_b = POINT_B * (x3 - POINT_AA * x1);
    out[0] = x0 - (POINT_AA + POINT_BB) * x2 + x4;
    out[os] = even_a + odd_a;
    out[2 * os] = even_a - odd_a;
    out[3 * os] = even_b + odd_b;
    out[4 * os] = even_b - odd_b;
    out[5 * os] = x1 - (POINT_AA + POINT_BB) * x3 + x5;
}

/* G: 3 taps to 6 points */
INLINE void axis_filter(Lanes *out, int os, const Lanes *in, int is)
{
    Lanes x0 = in[0], x1 = in[is], x2 = in[2 * is];
    Lanes even_a = SLOPE_A * (x0 + POINT_AA * x2), odd_a = SLOPE_A * POINT_A * x1;
    Lanes even_b = SLOPE_B * (x0 + POINT_BB * x2), odd_b = SLOPE_B * POINT_B * x1;
    out[0] = x0;
    out[os] = even_a + odd_a;
    out[2 * os] = even_a - odd_a;
    out[3 * os] = even_b + odd_b;
    out[4 * os] = even_b - odd_b;
    out[5 * os] = x2;
}

/* G^T: 6 points to 3 taps */
INLINE void axis_filter_back(Lanes *out, int os, const Lanes *in, int is)
{
    Lanes even_a = SLOPE_A * (in[is] + in[2 * is]), odd_a = SLOPE_A * (in[is] - in[2 * is]);
    Lanes even_b = SLOPE_B * (in[3 * is] + in[4 * is]), odd_b = SLOPE_B * (in[3 * is] - in[4 * is]);
    out[0] = in[0] + even_a + even_b;
    out[os] = POINT_A * odd_a + POINT_B * odd_b;
    out[2 * os] = in[5 * is] + POINT_AA * even_a + POINT_BB * even_b;
}

/* A^T: 6 points to 4 outputs */
INLINE void axis_output(Lanes *out, int os, const Lanes *in, int is)
{
    Lanes even_a = in[is] + in[2 * is], odd_a = POINT_A * (in[is] - in[2 * is]);
    Lanes even_b = in[3 * is] + in[4 * is], odd_b = POINT_B * (in[3 * is] - in[4 * is]);
    out[0] = in[0] + even_a + even_b;
    out[os] = odd_a + odd_b;
    out[2 * os] = POINT_AA * even_a + POINT_BB * even_b;
    out[3 * os] = in[5 * is] + POINT_AA * odd_a + POINT_BB * odd_b;
}

/* A: 4 outputs to 6 points */
INLINE void axis_output_back(Lanes *out, int os, const Lanes *in, int is)
{
    Lanes x0 = in[0], x1 = in[is], x2 = in[2 * is], x3 = in[3 * is];
    Lanes even_a = x0 + POINT_AA * x2, odd_a = POINT_A * (x1 + POINT_AA * x3);
    Lanes even_b = x0 + POINT_BB * x2, odd_b = POINT_B * (x1 + POINT_BB * x3);
    out[0] = x0;
    out[os] = even_a + odd_a;
    out[2 * os] = even_a - odd_a;
    out[3 * os] = even_b + odd_b;
    out[4 * os] = even_b - odd_b;
    out[5 * os] = x3;
}

/* out[to][to] from in[from][from] along both axes */
INLINE void both_axes(Axis *axis, Lanes *out, const Lanes *in, int from, int to)
{
    Lanes middle[POINTS];
    for (int j = 0; j < from; j++)
        axis(middle + j, from, in + j, from);
    for (int i = 0; i < to; i++)
        axis(out + i * to, 1, middle + i * from, 1);
}

#endif
