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

static const real root_half = (real)0.70710678118654752, root_half_pi = (real)0.79788456080286536,
                  root_pi = (real)1.1283791670955126, cubic = (real)0.044715;

/* x to the power of a; the cases that nets have are computed as what they are. */
static real power(real x, real a)
{
    return a == half ? sqrt(x) : a == -1 ? 1 / x : a == -half ? 1 / sqrt(x) : pow(x, a);
}

static real softplus(real x)
{
    return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}

/* The gate of GELU, and its slope. */
static real gate_of(real x, real a)
{
    return half +
           half * (a != 0 ? tanh(root_half_pi * (x + cubic * x * x * x)) : erf(x * root_half));
}

static real gate_slope(real x, real a)
{
    if (a == 0)
        return half * root_half_pi * exp(-half * x * x);
    real t = tanh(root_half_pi * (x + cubic * x * x * x));
    return half * (1 - t * t) * root_half_pi * (1 + 3 * cubic * x * x);
}

/* The curves that no processor has vectors for. */
static real rare(Curve curve, real x, real a, real b)
{
    switch (curve) {
    case CURVE_TANH:
        return tanh(x);
    case CURVE_EXP:
        return exp(x);
    case CURVE_LOG:
        return log(x);
    case CURVE_POWER:
        return power(x, a);
    case CURVE_ELU:
        return b * (x > 0 ? x : a * expm1(x));
    case CURVE_SOFTPLUS:
        return softplus(x);
    case CURVE_SOFTSIGN:
        return x / (1 + fabs(x));
    case CURVE_ERF:
        return erf(x);
    default:
        return x * gate_of(x, a);
    }
}

static real rare_slope(Curve curve, real x, real a, real b)
{
    switch (curve) {
    case CURVE_TANH:
        return 1 - tanh(x) * tanh(x);
    case CURVE_EXP:
        return exp(x);
    case CURVE_LOG:
        return 1 / x;
    case CURVE_POWER:
        return a * power(x, a - 1);
    case CURVE_ELU:
        return b * (x > 0 ? 1 : a * exp(x));
    case CURVE_SOFTPLUS:
        return sigmoid(x);
    case CURVE_SOFTSIGN:
        return 1 / ((1 + fabs(x)) * (1 + fabs(x)));
    case CURVE_ERF:
        return root_pi * exp(-x * x);
    default:
        return gate_of(x, a) + x * gate_slope(x, a);
    }
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
    else if (curve == CURVE_CLIP)
        for (size_t i = 0; i < n; i++)
            y[i] = within(x[i], a, b);
    else
        for (size_t i = 0; i < n; i++)
            y[i] = rare(curve, x[i], a, b);
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
    else if (curve == CURVE_CLIP)
        for (size_t i = 0; i < n; i++)
            dx[i] += dy[i] * slope_within(x[i], a, b, 1);
    else
        for (size_t i = 0; i < n; i++)
            dx[i] += dy[i] * rare_slope(curve, x[i], a, b);
}
