/* The graph of all pairs of rows whose score is at or above a threshold, exactly, in memory that
 * grows with the pairs it has: 16 bytes each, and 12 more until all are found. */
#ifndef IDENTIFY_NEAR_GRAPH_INTERNAL_H
#define IDENTIFY_NEAR_GRAPH_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"

/* The most ends of edges, 8 bytes each; a lower threshold than that is refused. */
#define NEAR_GRAPH_MOST (INT64_C(1) << 28)

typedef struct NearEdge {
    int32_t to;
    float score;
} NearEdge;

/* Row i's edges are edge[first[i]] .. edge[first[i + 1] - 1], `to` ascending and never i; each edge
 * is there from both its ends. */
typedef struct NearGraph {
    int64_t n;
    int64_t *first; /* [n + 1] */
    NearEdge *edge;
} NearGraph;

/* Told of each block of rows whose edges are found */
typedef struct NearGraphProgress {
    void (*step)(void *arg, int64_t more);
    void *arg;
} NearGraphProgress;

/* Of unit[n,d], rows of length 1; n < 2^31. The same for any number of threads. progress: or NULL.
 */
int near_graph_build(NearGraph *graph, const float *unit, int64_t n, int64_t d, double threshold,
                     Pool *pool, const NearGraphProgress *progress, Err *err);
void near_graph_release(NearGraph *graph); /* safe on a zeroed one */

#endif
