#include "verify/error_rates_internal.h"

#include <math.h>
#include <stdlib.h>

#include "scores/identity_pairs_internal.h"

/* What a walk counts: the wrong pairs of each resample. */
typedef struct Count {
    const Resample *resample;
    float threshold;
    uint64_t *wrong; /* [workers,2,lanes] impostors accepted, then genuine pairs rejected */
} Count;

static void count_wrong(void *arg, int worker, int32_t a, const int32_t *b, const float *score,
                        int64_t n, bool genuine)
{
    const Count *count = arg;
    int64_t lanes = count->resample->lanes;
    uint64_t *wrong = count->wrong + (2 * worker + genuine) * lanes;
    const uint8_t *v = count->resample->weight + a * lanes;
    for (int64_t i = 0; i < n; i++) {
        if ((score[i] >= count->threshold) == genuine)
            continue;
        const uint8_t *w = count->resample->weight + b[i] * lanes;
        for (int64_t r = 0; r < lanes; r++)
            wrong[r] += genuine ? v[r] : (uint64_t)v[r] * w[r];
    }
}

/* share[n] is overwritten. */
static void fill(ErrorRate *rate, const uint64_t *wrong, const uint64_t *pairs, double *share,
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

static int measure(ErrorRates *rates, float threshold, const IdentityPairs *pairs,
                   const Resample *resample, Pool *pool, Err *err)
{
    size_t lanes = (size_t)resample->lanes, workers = (size_t)pool_threads(pool);
    uint64_t *total = calloc(2 * lanes, sizeof *total); /* genuine, impostors */
    double *share = malloc(lanes * sizeof *share);
    Count count = {resample, threshold, calloc(2 * lanes * workers, sizeof(uint64_t))};
    int rc = total != NULL && share != NULL && count.wrong != NULL
                 ? identity_pairs_walk(pairs, SCORES_ALL, pool, count_wrong, &count, err)
                 : err_memory(err, "resamples", 2 * lanes * workers * sizeof(uint64_t));
    if (rc == 0) {
        identity_pairs_count(total, total + lanes, pairs, resample);
        for (size_t i = 2 * lanes; i < 2 * lanes * workers; i++)
            count.wrong[i % (2 * lanes)] += count.wrong[i];
        fill(&rates->fmr, count.wrong, total + lanes, share, resample->n);
        fill(&rates->fnmr, count.wrong + lanes, total, share, resample->n);
        fill_mean(rates, (const uint64_t *const[2]){count.wrong, count.wrong + lanes},
                  (const uint64_t *const[2]){total + lanes, total}, share, resample->n);
    }
    free(total);
    free(share);
    free(count.wrong);
    return rc;
}

float error_rates_threshold(double score)
{
    float near = (float)score;
    return (double)near < score ? nextafterf(near, INFINITY) : near;
}

int error_rates_measure(ErrorRates *rates, float threshold, const Comparison *c, int64_t draws,
                        int64_t seed, Pool *pool, Err *err)
{
    const ListedScores *listed = &c->listed;
    int32_t(*identity)[2] = NULL;
    int64_t identities;
    Resample resample = {0};
    IdentityPairs pairs = {0};
    draws = c->given ? 0 : draws; /* whom to draw is not known */
    *rates = (ErrorRates){.resamples = draws, .seed = seed};
    int rc = comparison_identities(c, &identity, &identities, err);
    if (rc == 0)
        rc = resample_init(&resample, identities, draws, (uint64_t)seed, err);
    if (rc == 0 && identity == NULL)
        rc = identity_pairs_init(&pairs, c->scores, err);
    else if (rc == 0)
        pairs = (IdentityPairs){
            .list = {listed->n, listed->score, listed->same, (const int32_t(*)[2])identity},
            .identities = (int32_t)identities};
    if (rc == 0)
        rc = measure(rates, threshold, &pairs, &resample, pool, err);
    rates->identities = c->given ? 0 : identities;
    identity_pairs_release(&pairs);
    resample_release(&resample);
    free(identity);
    return rc;
}
