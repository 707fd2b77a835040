#include "nn/curve.h"

INLINE real within(real x, real low, real high)
{
    x = x < low ? low : x;
    return x > high ? high : x;
}

/* 0 outside of the open interval */
INLINE real slope_within(real x, real low, real high, real slope)
{
    return x > low && x < high ? slope : 0;
}

static const real sixth = (real)1 / 6, half = (real)0.5;

INLINE real sigmoid(real x)
{
    return 1 / (1 + exp(-x));
}

CLONES void curve_forward(real *y, const real *x, Curve curve, double low, double high, size_t n)
{
    real a = (real)low, b = (real)high;
    if (curve == CURVE_SIGMOID)
        for (size_t i = 0; i < n; i++)
            y[i] = sigmoid(x[i]);
    else if (curve == CURVE_HARD_SIGMOID)
        for (size_t i = 0; i < n; i++)
            y[i] = within(a * x[i] + b, 0, 1);
    else if (curve == CURVE_HARD_SWISH)
        for (size_t i = 0; i < n; i++)
            y[i] = x[i] * within(x[i] * sixth + half, 0, 1);
    else
        for (size_t i = 0; i < n; i++)
            y[i] = within(x[i], a, b);
}

INLINE real hard_swish_slope(real x)
{
    real gate = x * sixth + half;
    return within(gate, 0, 1) + x * slope_within(gate, 0, 1, sixth);
}

CLONES void curve_backward(real *dx, const real *dy, const real *x, Curve curve, double low,
                           double high, size_t n)
{
    real a = (real)low, b = (real)high;
    if (curve == CURVE_SIGMOID)
        for (size_t i = 0; i < n; i++) {
            real y = sigmoid(x[i]);
            dx[i] += dy[i] * y * (1 - y);
        }
    else if (curve == CURVE_HARD_SIGMOID)
        for (size_t i = 0; i < n; i++)
            dx[i] += dy[i] * slope_within(a * x[i] + b, 0, 1, a);
    else if (curve == CURVE_HARD_SWISH)
        for (size_t i = 0; i < n; i++)
            dx[i] += dy[i] * hard_swish_slope(x[i]);
    else
        for (size_t i = 0; i < n; i++)
            dx[i] += dy[i] * slope_within(x[i], a, b, 1);
}
