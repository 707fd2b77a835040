#include "verify/groups_compare_internal.h"

#include <math.h>

typedef struct Spread {
    int n; /* rates that are known; with fewer than two all the rest is NaN */
    double range, ratio, to_geomean, gini;
} Spread;

/* sum_ij |x_i - x_j| / (2 n^2 mean), corrected for n. */
static double gini(const double *rate, int n, int known, double sum)
{
    double differences = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (!isnan(rate[i]) && !isnan(rate[j]))
                differences += fabs(rate[i] - rate[j]);
    return differences / (2 * sum * (known - 1));
}

static Spread spread_of(const double *rate, int n)
{
    double least = INFINITY, most = 0, sum = 0, log_sum = 0;
    Spread spread = {0, NAN, NAN, NAN, NAN};
    for (int i = 0; i < n; i++) {
        if (isnan(rate[i]))
            continue;
        spread.n++;
        least = fmin(least, rate[i]);
        most = fmax(most, rate[i]);
        sum += rate[i];
        log_sum += log(rate[i]);
    }
    if (spread.n < 2)
        return spread;
    spread.range = most - least;
    if (least > 0) {
        spread.ratio = most / least;
        spread.to_geomean = most / exp(log_sum / spread.n);
    }
    if (sum > 0)
        spread.gini = gini(rate, n, spread.n, sum);
    return spread;
}

void groups_compare(double measure[GROUP_MEASURES], const double *fmr, const double *fnmr, int n)
{
    Spread f = spread_of(fmr, n), fn = spread_of(fnmr, n);
    measure[GROUP_FDR] = 1 - (f.range + fn.range) / 2;
    measure[GROUP_IR] = sqrt(f.ratio) * sqrt(fn.ratio);
    measure[GROUP_GARBE] = (f.gini + fn.gini) / 2;
    measure[GROUP_FMR_MAX_MIN] = f.ratio;
    measure[GROUP_FMR_MAX_GEOMEAN] = f.to_geomean;
    measure[GROUP_FNMR_MAX_MIN] = fn.ratio;
    measure[GROUP_FNMR_MAX_GEOMEAN] = fn.to_geomean;
}

const char *groups_measure_name(GroupMeasure measure)
{
    static const char *const names[] = {
        [GROUP_FDR] = "fdr",
        [GROUP_IR] = "ir",
        [GROUP_GARBE] = "garbe",
        [GROUP_FMR_MAX_MIN] = "fmr-max-min",
        [GROUP_FMR_MAX_GEOMEAN] = "fmr-max-geomean",
        [GROUP_FNMR_MAX_MIN] = "fnmr-max-min",
        [GROUP_FNMR_MAX_GEOMEAN] = "fnmr-max-geomean",
    };
    return names[measure];
}
