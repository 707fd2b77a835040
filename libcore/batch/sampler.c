#include "batch/sampler_internal.h"

#include <stdlib.h>

#include "base/counted_internal.h"
#include "base/num_internal.h"
#include "base/rng_internal.h"
#include "base/sort_internal.h"

static int by_label(const void *a, const void *b)
{
    const LabelledRow *x = a, *y = b;
    if (x->label != y->label)
        return x->label < y->label ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Fills sorted, first and identities. */
static int find_identities(Sampler *sampler, const int64_t *labels, Err *err)
{
    int64_t n = sampler->rows;
    size_t bytes;
    if (!size_mul((size_t)n + 1, sizeof *sampler->sorted, &bytes))
        return err_memory(err, "the identities of rows", SIZE_MAX);
    sampler->sorted = malloc(bytes);
    sampler->first = malloc(((size_t)n + 1) * sizeof *sampler->first);
    if (sampler->sorted == NULL || sampler->first == NULL)
        return err_memory(err, "the identities of rows", bytes);
    for (int64_t i = 0; i < n; i++) {
        if (labels[i] < 0)
            return err_set(err, "row %lld has no identity (label %lld)", (long long)i,
                           (long long)labels[i]);
        sampler->sorted[i] = (LabelledRow){labels[i], i};
    }
    sort_array(sampler->sorted, (size_t)n, sizeof *sampler->sorted, by_label);
    for (int64_t i = 0; i < n; i++)
        if (i == 0 || sampler->sorted[i].label != sampler->sorted[i - 1].label)
            sampler->first[sampler->identities++] = i;
    sampler->first[sampler->identities] = n;
    return 0;
}

/* Fills epoch_rows, epoch_batches and batches. */
static int count_batches(Sampler *sampler, Err *err)
{
    const SamplerOptions *options = &sampler->options;
    sampler->epoch_rows = sampler->rows;
    if (options->per_identity > 0 &&
        __builtin_mul_overflow(sampler->identities, options->per_identity, &sampler->epoch_rows))
        return err_set(err, "%lld rows of each of %lld identities are too many",
                       (long long)options->per_identity, (long long)sampler->identities);
    sampler->epoch_batches = sampler->epoch_rows / options->batch;
    if (!options->drop_last && sampler->epoch_rows % options->batch != 0)
        sampler->epoch_batches++;
    if (sampler->epoch_batches == 0 && sampler->epoch_rows > 0)
        return err_set(err,
                       "an epoch has %s, fewer than a batch of %lld, and short batches are dropped",
                       counted(sampler->epoch_rows, "row", "rows").text, (long long)options->batch);
    if (__builtin_mul_overflow(sampler->epoch_batches, options->epochs, &sampler->batches))
        return err_set(err, "%lld epochs are too many", (long long)options->epochs);
    return 0;
}

int sampler_init(Sampler *sampler, const SamplerOptions *options, int64_t rows,
                 const int64_t *labels, Err *err)
{
    *sampler = (Sampler){.options = *options, .rows = rows};
    if ((options->per_identity > 0 && find_identities(sampler, labels, err) != 0) ||
        count_batches(sampler, err) != 0) {
        sampler_release(sampler);
        return -1;
    }
    return 0;
}

void sampler_release(Sampler *sampler)
{
    free(sampler->sorted);
    free(sampler->first);
    *sampler = (Sampler){0};
}

BatchSpan sampler_span(const Sampler *sampler, int64_t index)
{
    int64_t batch = sampler->options.batch;
    BatchSpan span = {.epoch = index / sampler->epoch_batches,
                      .position = index % sampler->epoch_batches * batch};
    int64_t left = sampler->epoch_rows - span.position;
    span.count = left < batch ? left : batch;
    return span;
}

static int64_t permute(const Sampler *sampler, uint64_t seed, int64_t epoch, int64_t n, int64_t i)
{
    return sampler->options.rough
               ? rng_permute_rough(seed, (uint64_t)epoch, (uint64_t)n, (uint64_t)i)
               : rng_permute(seed, (uint64_t)epoch, (uint64_t)n, (uint64_t)i);
}

/* Place k of the K that an identity shows in this epoch. A cycle is one shuffle of its rows; it
 * lasts as many epochs as there are whole groups of K in it, or one when there are not even K. */
static int64_t identity_row(const Sampler *sampler, int64_t epoch, int64_t identity, int64_t k)
{
    int64_t begin = sampler->first[identity], n = sampler->first[identity + 1] - begin;
    int64_t groups = n / sampler->options.per_identity;
    if (groups == 0)
        groups = 1;
    int64_t place = (epoch % groups * sampler->options.per_identity + k) % n;
    Rng rng = rng_at(sampler->options.seed, (uint64_t)identity, 0, 'i');
    return sampler->sorted[begin + permute(sampler, rng_u64(&rng), epoch / groups, n, place)].row;
}

int64_t sampler_row(const Sampler *sampler, int64_t epoch, int64_t position)
{
    const SamplerOptions *options = &sampler->options;
    if (!options->shuffle)
        return position;
    if (options->per_identity == 0)
        return permute(sampler, options->seed, epoch, sampler->rows, position);
    int64_t turn = position / options->per_identity;
    int64_t identity = permute(sampler, options->seed, epoch, sampler->identities, turn);
    return identity_row(sampler, epoch, identity, position % options->per_identity);
}
