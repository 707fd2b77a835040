/* Partial FC (arXiv 2203.15565): each step compares with the identities of the batch and others
 * drawn at random, as if the rest did not exist.
 *
 * Only the gradient is sampled: momentum and weight decay act on every centre in every step. That
 * is done lazily. A centre that has no gradient in an update goes (w, v) -> M (w, v) with
 *
 *     M = | 1 - lr wd   -lr mu |
 *         |     wd         mu  |
 *
 * so one that was left alone for some updates catches up by the product of their matrices, when it
 * is next sampled or after SAMPLE_HISTORY steps at the latest. Equal to updating all, but for
 * rounding. With AdamW, whose step is no linear map, centres that were not sampled stay as they
 * are, as in InsightFace's PartialFCAdamW. */
#ifndef HEAD_SAMPLE_INTERNAL_H
#define HEAD_SAMPLE_INTERNAL_H

#include "base/real_internal.h"
#include "head/head.h"

enum { SAMPLE_HISTORY = 256 };

typedef struct Sample {
    int64_t identities;
    int64_t *id; /* [n] of [room]: the sampled identities, ascending */
    int64_t n, room;
    uint8_t *marked; /* [identities] */
    real *updates;   /* [identities]: how many of the updates each centre has seen */
    real *history; /* [SAMPLE_HISTORY, 3]: lr, momentum, decay of update u at u % SAMPLE_HISTORY */
    double product[SAMPLE_HISTORY + 1][4]; /* of the matrices of the latest updates */
    int64_t begin, end;                    /* the identities whose centres are here */
    real *weight, *momentum;               /* [end - begin, dim], the head's */
    int64_t dim;
    bool lazy; /* centres catch up */
} Sample;

/* Of the centres there are those of identities begin .. end-1, at weight[0] on. NULL on failure. */
Sample *sample_new(int64_t identities, int64_t begin, int64_t end, int64_t dim, real *weight,
                   real *momentum, bool lazy, Err *err);
void sample_free(Sample *sample); /* NULL is fine */

/* Draws the identities of a step: those of label[rows], and others by (seed, step) until they are
 * `rate` of all; rough as in HeadConfig. */
int sample_draw(Sample *sample, double rate, const int64_t *label, int64_t rows, uint64_t seed,
                int64_t step, bool rough, Err *err);

/* The place of an identity in id[], or where it would be if it was not sampled. */
int64_t sample_place(const Sample *sample, int64_t identity);

/* Brings the sampled centres up to date, and those whose turn it is so that none falls behind by
 * more than SAMPLE_HISTORY updates; or all of them. */
int sample_catch_up(Sample *sample, int64_t step, bool all, Pool *pool, Err *err);

/* Notes that the sampled centres have seen update number `step`. */
void sample_note(Sample *sample, int64_t step, const Optimiser *optimiser);

#endif
