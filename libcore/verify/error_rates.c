#include "verify/error_rates_internal.h"

#include <math.h>
#include <stdlib.h>

/* What a walk counts: the wrong pairs of each resample at each threshold. */
typedef struct Count {
    const Resample *resample;
    const float *threshold; /* [thresholds] */
    int thresholds;
    uint64_t
        *wrong; /* [workers,thresholds,2,lanes] impostors accepted, then genuine pairs rejected */
} Count;

static void count_wrong(void *arg, int worker, int32_t a, const int32_t *b, const float *score,
                        int64_t n, bool genuine)
{
    const Count *count = arg;
    int64_t lanes = count->resample->lanes;
    const uint8_t *v = count->resample->weight + a * lanes;
    for (int k = 0; k < count->thresholds; k++) {
        float threshold = count->threshold[k];
        uint64_t *wrong =
            count->wrong + (2 * ((int64_t)worker * count->thresholds + k) + genuine) * lanes;
        for (int64_t i = 0; i < n; i++) {
            if ((score[i] >= threshold) == genuine)
                continue;
            const uint8_t *w = count->resample->weight + b[i] * lanes;
            for (int64_t r = 0; r < lanes; r++)
                wrong[r] += genuine ? v[r] : (uint64_t)v[r] * w[r];
        }
    }
}

ErrorRate error_rate_of(int64_t wrong, int64_t pairs)
{
    double value = pairs > 0 ? (double)wrong / (double)pairs : NAN;
    return (ErrorRate){wrong, pairs, value, {NAN, NAN, 0}};
}

void error_rate_fill(ErrorRate *rate, const uint64_t *wrong, const uint64_t *pairs, double *share,
                     int n)
{
    for (int r = 0; r < n; r++)
        share[r] = pairs[r] > 0 ? (double)wrong[r] / (double)pairs[r] : NAN;
    *rate = (ErrorRate){.wrong = (int64_t)wrong[0], .pairs = (int64_t)pairs[0], .value = share[0]};
    rate->interval = interval_of(share + 1, n - 1);
}

/* share[n] is overwritten. */
static void fill_mean(ErrorRates *rates, const uint64_t *const wrong[2],
                      const uint64_t *const pairs[2], double *share, int n)
{
    for (int r = 0; r < n; r++) {
        share[r] = NAN;
        if (pairs[0][r] > 0 && pairs[1][r] > 0)
            share[r] = ((double)wrong[0][r] / (double)pairs[0][r] +
                        (double)wrong[1][r] / (double)pairs[1][r]) /
                       2;
    }
    rates->hter = share[0];
    rates->hter_interval = interval_of(share + 1, n - 1);
}

static float least_threshold(const Count *count)
{
    float least = INFINITY;
    for (int k = 0; k < count->thresholds; k++)
        least = fminf(least, count->threshold[k]);
    return least;
}

static int measure(ErrorRates *rates, Count *count, const IdentityPairs *pairs, Pool *pool,
                   Err *err)
{
    const Resample *resample = count->resample;
    size_t lanes = (size_t)resample->lanes, workers = (size_t)pool_threads(pool);
    size_t counts = (size_t)count->thresholds * 2 * lanes;
    uint64_t *total = calloc(2 * lanes, sizeof *total); /* genuine, impostors */
    double *share = malloc(lanes * sizeof *share);
    count->wrong = calloc(counts * workers, sizeof *count->wrong);
    int rc = total != NULL && share != NULL && count->wrong != NULL
                 ? identity_pairs_walk_from(pairs, SCORES_ALL, least_threshold(count), pool,
                                            count_wrong, count, err)
                 : err_memory(err, "resamples", counts * workers * sizeof *count->wrong);
    if (rc == 0) {
        identity_pairs_count(total, total + lanes, pairs, resample);
        for (size_t i = counts; i < counts * workers; i++)
            count->wrong[i % counts] += count->wrong[i];
    }
    for (int k = 0; rc == 0 && k < count->thresholds; k++) {
        const uint64_t *accepted = count->wrong + 2 * (size_t)k * lanes;
        const uint64_t *rejected = accepted + lanes;
        error_rate_fill(&rates[k].fmr, accepted, total + lanes, share, resample->n);
        error_rate_fill(&rates[k].fnmr, rejected, total, share, resample->n);
        fill_mean(&rates[k], (const uint64_t *const[2]){accepted, rejected},
                  (const uint64_t *const[2]){total + lanes, total}, share, resample->n);
    }
    free(total);
    free(share);
    free(count->wrong);
    return rc;
}

float error_rates_threshold(double score)
{
    float near = (float)score;
    return (double)near < score ? nextafterf(near, INFINITY) : near;
}

int error_rates_measure_each(ErrorRates *rates, const float *threshold, int n, const Comparison *c,
                             int64_t draws, int64_t seed, Pool *pool, Err *err)
{
    int32_t(*identity)[2] = NULL;
    int64_t identities;
    Resample resample = {0};
    IdentityPairs pairs = {0};
    Count count = {.resample = &resample, .threshold = threshold, .thresholds = n};
    draws = c->given ? 0 : draws; /* whom to draw is not known */
    int rc = comparison_identities(c, &identity, &identities, err);
    if (rc == 0)
        rc = resample_init(&resample, identities, draws, (uint64_t)seed, err);
    if (rc == 0)
        rc = comparison_identity_pairs(&pairs, c, (const int32_t(*)[2])identity, identities, err);
    for (int k = 0; rc == 0 && k < n; k++)
        rates[k] =
            (ErrorRates){.resamples = draws, .seed = seed, .identities = c->given ? 0 : identities};
    if (rc == 0)
        rc = measure(rates, &count, &pairs, pool, err);
    identity_pairs_release(&pairs);
    resample_release(&resample);
    free(identity);
    return rc;
}

int error_rates_measure(ErrorRates *rates, float threshold, const Comparison *c, int64_t draws,
                        int64_t seed, Pool *pool, Err *err)
{
    return error_rates_measure_each(rates, &threshold, 1, c, draws, seed, pool, err);
}
