/* The nearest neighbours of probes in a gallery that passes by, piece by piece: exact, in memory
 * that does not grow with the gallery.
 *
 *     n = neighbours_new(probe, probes, d, k, pool, err);
 *     for each piece of the gallery: neighbours_add(n, rows, count, identity, err);
 *     for each probe: neighbours_of(n, probe, &count);
 *
 * Scores are cosines, summed in double and rounded once, so they depend on nothing but the two
 * rows; products of matrices, whose rounding does, only sort out the rows that cannot be among the
 * nearest. So they may be in bfloat16, at twice the rate, with the same answers to the bit. Of
 * equal scores the row that came first is the nearer. */
#ifndef IDENTIFY_NEIGHBOURS_H
#define IDENTIFY_NEIGHBOURS_H

#include <stdint.h>

#include "base/api.h"
#include "base/err.h"
#include "base/pool.h"
#include "product/kernels.h"

API_BEGIN

typedef struct Neighbour {
    int64_t row;      /* of the gallery, counted from 0 over all pieces */
    int64_t identity; /* as it was given, or the row */
    float score;
} Neighbour;

typedef struct Neighbours Neighbours;

enum { NEIGHBOURS_MOST = 1 << 16 };

/* For the k nearest, 1 <= k <= NEIGHBOURS_MOST, of probe[probes,d], whose rows have length 1. Both
 * probe and pool are borrowed. NULL on failure. */
Neighbours *neighbours_new(const float *probe, int64_t probes, int64_t d, int64_t k, Pool *pool,
                           Err *err);
void neighbours_free(Neighbours *neighbours); /* NULL is fine */

/* Before the first piece: rows with a score below it do not count, and cost less. */
void neighbours_floor(Neighbours *neighbours, double score);

/* Before the first piece: kernels in bf16 (kernels_set_precision()) then sort out the rows; others
 * change nothing. They are borrowed, and kernels_check() says at the end whether they failed. */
void neighbours_kernels(Neighbours *neighbours, Kernels *kernels);

/* Before the first piece: of several processes, all with the same probes and the same gallery, each
 * compares a share of the probes; every process has all the answers, and must ask for the first of
 * them. NULL: this one alone. Borrowed. */
struct Comm;
void neighbours_share(Neighbours *neighbours, struct Comm *comm);

/* Compares the probes with gallery[rows,d], whose rows have length 1. Where identity[rows] is not
 * NULL, only the nearest row of each identity, >= 0, counts. */
void neighbours_add(Neighbours *neighbours, const float *gallery, int64_t rows,
                    const int64_t *identity);

/* Those of a probe, the nearest first: *count of them, k at most. No rows can be added after that.
 * They live as long as `neighbours`. */
const Neighbour *neighbours_of(Neighbours *neighbours, int64_t probe, int64_t *count);

API_END

#endif
