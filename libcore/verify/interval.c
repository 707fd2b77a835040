#include "verify/interval_internal.h"

#include <math.h>

#include "base/sort_internal.h"

static double quantile(const double *sorted, int n, double at)
{
    double place = at * (n - 1);
    int below = (int)place, above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

Interval interval_of(double *value, int n)
{
    Interval interval = {NAN, NAN, 0};
    for (int i = 0; i < n; i++)
        if (!isnan(value[i]))
            value[interval.used++] = value[i];
    if (interval.used == 0 || 2 * interval.used < n)
        return interval;
    sort_doubles(value, (size_t)interval.used);
    interval.low = quantile(value, interval.used, 0.025);
    interval.high = quantile(value, interval.used, 0.975);
    return interval;
}
