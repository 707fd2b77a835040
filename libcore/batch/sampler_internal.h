/* The order in which rows are drawn: which row stands where in which epoch, and which of them make
 * a batch.
 *
 * Everything is a function of the seed, the epoch and the position, so that a run can begin at any
 * batch. Batches are numbered from 0 through all epochs; none reaches over the end of an epoch.
 *
 * Without per_identity an epoch is every row once, in an order that is new in each epoch (or in
 * their own order when shuffle is off); this needs no memory.
 *
 * With per_identity = K an epoch is every identity once, in an order that is new in each epoch,
 * with K of its rows one after the other. An identity's rows are shuffled and handed out K by K,
 * epoch after epoch; when fewer than K are left they are shuffled again. So an identity that has K
 * rows or more never repeats one within a batch; one that has fewer shows all of them, as often as
 * it takes to make K. This needs 24 bytes a row. */
#ifndef BATCH_SAMPLER_INTERNAL_H
#define BATCH_SAMPLER_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

typedef struct SamplerOptions {
    uint64_t seed;
    int64_t batch, epochs; /* >= 1 */
    int64_t per_identity;  /* 0: off; otherwise it divides batch, and shuffle is on */
    bool shuffle, drop_last;
    bool rough; /* shuffle by rng_permute_rough() */
} SamplerOptions;

typedef struct LabelledRow {
    int64_t label, row;
} LabelledRow;

typedef struct Sampler {
    SamplerOptions options;
    int64_t rows;          /* there are */
    int64_t epoch_rows;    /* drawn in an epoch */
    int64_t epoch_batches; /* batches of an epoch */
    int64_t batches;       /* of all epochs */
    LabelledRow *sorted;   /* by label, then row; NULL without per_identity */
    int64_t *first;        /* [identities + 1]: where each identity begins in sorted */
    int64_t identities;
} Sampler;

typedef struct BatchSpan {
    int64_t epoch, position; /* of its first row */
    int64_t count;
} BatchSpan;

/* labels[rows] is needed for per_identity only, and not kept. A row without an identity (-1) is an
 * error there, and so is drop_last when it leaves nothing of an epoch. */
int sampler_init(Sampler *sampler, const SamplerOptions *options, int64_t rows,
                 const int64_t *labels, Err *err);
void sampler_release(Sampler *sampler); /* safe on a zeroed one */

/* Of batch `index`, in 0 .. batches-1. */
BatchSpan sampler_span(const Sampler *sampler, int64_t index);

/* The row that stands at `position` (0 .. epoch_rows-1) of the epoch. */
int64_t sampler_row(const Sampler *sampler, int64_t epoch, int64_t position);

#endif
