#include "eval/resample.h"

#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "base/rng.h"
#include "base/sort.h"

enum { LANE_STEP = 32, MOST_IDENTITIES = 1 << 30 };

int resample_new(Resample *resample, int64_t identities, int64_t draws, uint64_t seed, Err *err)
{
    size_t bytes;
    *resample = (Resample){.n = (int)draws + 1};
    resample->lanes = (resample->n + LANE_STEP - 1) / LANE_STEP * LANE_STEP;
    if (identities < 2 || identities > MOST_IDENTITIES)
        return err_set(err, "%lld identities cannot be resampled", (long long)identities);
    if (!size_mul((size_t)identities, (size_t)resample->lanes, &bytes) ||
        (resample->weight = calloc(bytes, 1)) == NULL)
        return err_memory(err, "resamples", bytes);
    resample->identities = (int32_t)identities;
    for (int64_t i = 0; i < identities; i++)
        resample->weight[i * resample->lanes] = 1;
    for (int r = 1; r < resample->n; r++) {
        Rng rng = rng_at(seed, (uint64_t)r, 0, 0);
        for (int64_t i = 0; i < identities; i++) {
            int64_t drawn = (int64_t)rng_below(&rng, (uint64_t)identities);
            uint8_t *weight = &resample->weight[drawn * resample->lanes + r];
            if (*weight < UINT8_MAX) /* the bound is met once in 10^500 resamples */
                ++*weight;
        }
    }
    return 0;
}

void resample_free(Resample *resample)
{
    free(resample->weight);
    *resample = (Resample){0};
}

static int compare_values(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, int n, double at)
{
    double place = at * (n - 1);
    int below = (int)place, above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

Interval resample_interval(double *value, int n)
{
    Interval interval = {NAN, NAN, 0};
    for (int i = 0; i < n; i++)
        if (!isnan(value[i]))
            value[interval.used++] = value[i];
    if (interval.used == 0 || 2 * interval.used < n)
        return interval;
    sort_array(value, (size_t)interval.used, sizeof *value, compare_values);
    interval.low = quantile(value, interval.used, 0.025);
    interval.high = quantile(value, interval.used, 0.975);
    return interval;
}
