/* Where a batcher's rows come from: a pack, in the sampler's order, or a pipe, in the order of its
 * shuffle buffer. */
#ifndef BATCH_SUPPLY_INTERNAL_H
#define BATCH_SUPPLY_INTERNAL_H

#include "batch/assemble_internal.h"
#include "batch/sampler_internal.h"

typedef struct Supply Supply;

/* `buffer` as in BatcherOptions. NULL on failure. */
Supply *supply_open(const char *path, const SamplerOptions *order, int64_t buffer, Err *err);
void supply_close(Supply *supply); /* NULL is fine */

const char *supply_name(const Supply *supply);
const char *supply_by(const Supply *supply);
bool supply_fingerprint(const Supply *supply, uint32_t *sum); /* false for a pipe */
int64_t supply_batches(const Supply *supply);                 /* of all epochs, or -1 */

/* The first frame of the stream, for its metadata; NULL when it is damaged. */
const Frame *supply_first(const Supply *supply, Err *err);

/* Skips batches 0 .. start-1, before anything else was picked. */
int supply_skip(Supply *supply, int64_t start, Err *err);

/* Picks the rows of batch `index`, which is the next one: 1, 0 when there is none, -1 on failure.
 * *span says where they stand. The rows stay until supply_done(). */
int supply_pick(Supply *supply, Assembler *assembler, int64_t index, BatchSpan *span, Err *err);
void supply_done(Supply *supply);

#endif
