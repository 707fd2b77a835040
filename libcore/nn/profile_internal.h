/* Where the time of a net goes, layer by layer, against what the machine could do.
 *
 * A trainer or an inference that was given a profile adds the time each worker spends in each node;
 * without one (NULL) it reads no clock. Times are those of one core: with two threads a second on
 * the clock is two seconds here. */
#ifndef NN_PROFILE_INTERNAL_H
#define NN_PROFILE_INTERNAL_H

#include <stdio.h>

#include "base/pool.h"
#include "nn/graph.h"

typedef struct Profile Profile;

/* Also measures the rate of the BLAS at a large product on all threads of the pool at once, which
 * takes about a tenth of a second. Keeps graph and pool, which must outlive it. NULL on failure. */
Profile *profile_new(const Graph *graph, Pool *pool, Err *err);
void profile_free(Profile *profile); /* NULL is fine */

/* Seconds on a clock, to be handed to the functions below; 0 without a profile. */
double profile_now(const Profile *profile);

/* From `since` to now, which is returned, this worker was busy with that node, forward or backward.
 * Each worker writes its own place. */
double profile_lap(Profile *profile, int node, bool backward, int worker, double since);

/* From `since` to now the pool worked on n images, or again on images that were counted (n = 0). */
void profile_run(Profile *profile, int n, double since);

/* From `since` to now the pool worked on something beside the net: one of a few stages, each known
 * by its name, a literal. */
void profile_stage(Profile *profile, const char *name, double since);

/* A line a layer and a line a kind of layer, with microseconds of a core an image, GFLOP/s a core
 * (two for each multiply-add of convolutions and linear layers; the backward pass does twice as
 * many, but once for what reads the image) and its share of the processor's peak, GB/s as if every
 * activation were touched once (forward: input and output; backward: input, gradient of the output,
 * gradient of the input), and the share of all time. */
void profile_write(FILE *out, const Profile *profile);

#endif
