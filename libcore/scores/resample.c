#include "scores/resample_internal.h"

#include <stdlib.h>

#include "base/counted_internal.h"
#include "base/num_internal.h"
#include "base/rng_internal.h"

enum { LANE_STEP = 32, MOST_IDENTITIES = 1 << 30 };

int resample_init(Resample *resample, int64_t identities, int64_t draws, uint64_t seed, Err *err)
{
    size_t bytes;
    *resample = (Resample){.n = (int)draws + 1};
    resample->lanes = (resample->n + LANE_STEP - 1) / LANE_STEP * LANE_STEP;
    if (identities < 2 || identities > MOST_IDENTITIES)
        return err_set(err, "%s cannot be resampled",
                       counted(identities, "identity", "identities").text);
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

void resample_release(Resample *resample)
{
    free(resample->weight);
    *resample = (Resample){0};
}
