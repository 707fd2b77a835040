#include "verify/binomial_internal.h"

#include <math.h>

enum { STEPS = 200, HALVINGS = 80 };

static const double tail = 0.025;

/* log(n!) less Stirling's formula; exact to the last digits where lgamma() of large n is not. */
static double stirling_error(double n)
{
    double nn = n * n;
    if (n < 16)
        return lgamma(n + 1) - (n + 0.5) * log(n) + n - 0.91893853320467274178;
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - 1.0 / 1680 / nn) / nn) / nn) / n;
}

/* x log(x / m) + m - x, without cancellation where x is near m */
static double deviance(double x, double m)
{
    double v = (x - m) / (x + m), sum = (x - m) * v, term = 2 * x * v, before;
    if (fabs(x - m) >= 0.1 * (x + m))
        return x * log(x / m) + m - x;
    for (int i = 3; i < STEPS; i += 2) {
        term *= v * v;
        before = sum;
        sum += term / i;
        if (sum == before)
            break;
    }
    return sum;
}

/* log of x^a (1-x)^b / B(a,b), by Loader's saddle point (a, b > 0) */
static double log_factor(double a, double b, double x)
{
    double n = a + b;
    double density = stirling_error(n) - stirling_error(a) - stirling_error(b) -
                     deviance(a, n * x) - deviance(b, n * (1 - x));
    return density + 0.5 * log(a * b / (6.28318530717958647693 * n));
}

/* The continued fraction of the incomplete beta function, by Lentz's method */
static double fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double f = d, most = 200 + 10 * sqrt(a > b ? a : b);
    for (double m = 1; m < most; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        for (int i = 0; i < 2; i++) {
            double term = i == 0 ? even : odd;
            d = 1 + term * d;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = 1 + term / c;
            c = fabs(c) < tiny ? tiny : c;
            f *= c * d;
        }
        if (fabs(c * d - 1) < 1e-15)
            break;
    }
    return f;
}

/* The share of the beta distribution below x */
static double beta_below(double a, double b, double x)
{
    double factor = exp(log_factor(a, b, x));
    if (x < (a + 1) / (a + b + 2))
        return factor * fraction(a, b, x) / a;
    return 1 - factor * fraction(b, a, 1 - x) / b;
}

/* Where the share below is p. Halves in log x first, for x may be 1e-9. */
static double beta_quantile(double a, double b, double p)
{
    double low = 0, high = 1, middle = a / (a + b);
    for (int i = 0; i < HALVINGS && low < high; i++) {
        if (beta_below(a, b, middle) < p)
            low = middle;
        else
            high = middle;
        middle = low > 0 && high > 4 * low ? sqrt(low * high) : low + (high - low) / 2;
        if (low == 0)
            middle = high / 16;
    }
    return low + (high - low) / 2;
}

Interval binomial_interval(int64_t wrong, int64_t pairs)
{
    double k = (double)wrong, n = (double)pairs;
    Interval interval = {0, 1, 0};
    if (pairs <= 0)
        return (Interval){NAN, NAN, 0};
    if (wrong == pairs)
        interval.low = exp(log(tail) / n);
    else if (wrong > 0)
        interval.low = beta_quantile(k, n - k + 1, tail);
    if (wrong == 0)
        interval.high = -expm1(log(tail) / n);
    else if (wrong < pairs)
        interval.high = beta_quantile(k + 1, n - k, 1 - tail);
    return interval;
}

double binomial_rule_of_three(int64_t pairs)
{
    return pairs > 3 ? 3 / (double)pairs : 1;
}
