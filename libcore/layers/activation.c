#include "layers/activation_internal.h"

#include "layers/fit_internal.h"

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

/* The activations that no processor has vectors for. */
static real rare(Activation activation, real x, real a, real b)
{
    switch (activation) {
    case ACTIVATION_TANH:
        return tanh(x);
    case ACTIVATION_EXP:
        return exp(x);
    case ACTIVATION_LOG:
        return log(x);
    case ACTIVATION_POWER:
        return power(x, a);
    case ACTIVATION_ELU:
        return b * (x > 0 ? x : a * expm1(x));
    case ACTIVATION_SOFTPLUS:
        return softplus(x);
    case ACTIVATION_SOFTSIGN:
        return x / (1 + fabs(x));
    case ACTIVATION_ERF:
        return erf(x);
    default:
        return x * gate_of(x, a);
    }
}

static real rare_slope(Activation activation, real x, real a, real b)
{
    switch (activation) {
    case ACTIVATION_TANH:
        return 1 - tanh(x) * tanh(x);
    case ACTIVATION_EXP:
        return exp(x);
    case ACTIVATION_LOG:
        return 1 / x;
    case ACTIVATION_POWER:
        return a * power(x, a - 1);
    case ACTIVATION_ELU:
        return b * (x > 0 ? 1 : a * exp(x));
    case ACTIVATION_SOFTPLUS:
        return sigmoid(x);
    case ACTIVATION_SOFTSIGN:
        return 1 / ((1 + fabs(x)) * (1 + fabs(x)));
    case ACTIVATION_ERF:
        return root_pi * exp(-x * x);
    default:
        return gate_of(x, a) + x * gate_slope(x, a);
    }
}

CLONES void activation_forward(real *y, const real *x, Activation activation, double low,
                               double high, size_t n)
{
    real a = (real)low, b = (real)high;
    if (activation == ACTIVATION_SIGMOID)
        for (size_t i = 0; i < n; i++)
            y[i] = sigmoid(x[i]);
    else if (activation == ACTIVATION_HARD_SIGMOID)
        for (size_t i = 0; i < n; i++)
            y[i] = within(a * x[i] + b, 0, 1);
    else if (activation == ACTIVATION_HARD_SWISH)
        for (size_t i = 0; i < n; i++)
            y[i] = x[i] * within(x[i] * sixth + half, 0, 1);
    else if (activation == ACTIVATION_CLIP)
        for (size_t i = 0; i < n; i++)
            y[i] = within(x[i], a, b);
    else
        for (size_t i = 0; i < n; i++)
            y[i] = rare(activation, x[i], a, b);
}

INLINE real hard_swish_slope(real x)
{
    real gate = x * sixth + half;
    return within(gate, 0, 1) + x * slope_within(gate, 0, 1, sixth);
}

CLONES void activation_backward(real *dx, const real *dy, const real *x, Activation activation,
                                double low, double high, size_t n)
{
    real a = (real)low, b = (real)high;
    if (activation == ACTIVATION_SIGMOID)
        for (size_t i = 0; i < n; i++) {
            real y = sigmoid(x[i]);
            dx[i] += dy[i] * y * (1 - y);
        }
    else if (activation == ACTIVATION_HARD_SIGMOID)
        for (size_t i = 0; i < n; i++)
            dx[i] += dy[i] * slope_within(a * x[i] + b, 0, 1, a);
    else if (activation == ACTIVATION_HARD_SWISH)
        for (size_t i = 0; i < n; i++)
            dx[i] += dy[i] * hard_swish_slope(x[i]);
    else if (activation == ACTIVATION_CLIP)
        for (size_t i = 0; i < n; i++)
            dx[i] += dy[i] * slope_within(x[i], a, b, 1);
    else
        for (size_t i = 0; i < n; i++)
            dx[i] += dy[i] * rare_slope(activation, x[i], a, b);
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static const Field fields[] = {FIELD_BETWEEN(activation, 0, ACTIVATIONS - 1),
                               FIELD_OF(FIELD_NUMBER, constant[0]),
                               FIELD_OF(FIELD_NUMBER, constant[1]),
                               {FIELD_END, 0, 0, 0}};

static void forward(const LayerRun *run)
{
    const Node *node = run->node;
    activation_forward(run->y, run->x[0], node->activation, node->constant[0], node->constant[1],
                       (size_t)run->n * node_size(node));
}

static void backward(const LayerRun *run)
{
    const Node *node = run->node;
    if (run->dx[0] != NULL)
        activation_backward(run->dx[0], run->dy, run->x[0], node->activation, node->constant[0],
                            node->constant[1], (size_t)run->n * node_size(node));
}

/* Its name in files is what it was first called. */
const Layer layer_activation = {.name = "curve",
                                .inputs = 1,
                                .traits = LAYER_IN_PLACE,
                                .fields = fields,
                                .fit = fit_as_input,
                                .forward = forward,
                                .backward = backward};
