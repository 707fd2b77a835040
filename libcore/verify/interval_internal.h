/* A percentile interval of 95 %: the quantiles 0.025 and 0.975, on the straight line between
 * neighbouring values (NumPy's default). */
#ifndef VERIFY_INTERVAL_INTERNAL_H
#define VERIFY_INTERVAL_INTERNAL_H

typedef struct Interval {
    double low, high; /* NaN when fewer than half of the values are numbers */
    int used;         /* values that are numbers */
} Interval;

/* Of value[n], in which NaN means not measurable; their order is lost. */
Interval interval_of(double *value, int n);

#endif
