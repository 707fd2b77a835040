/* Embedding faces with a trained graph.
 *
 * Batch norm uses its running statistics, and with the PReLU behind it is one pass over the
 * product it follows. (The scale is applied in that pass and not in the weights: the pass is
 * needed for shift and slope anyway.) An image gets the same bits whatever batch it comes in and
 * however many threads run: what works on a few images at a time computes each by itself. */
#ifndef NN_INFER_H
#define NN_INFER_H

#include "base/api.h"
#include "base/pool.h"
#include "nn/graph.h"
#include "product/kernels.h"

API_BEGIN

typedef struct Infer Infer;
typedef struct Profile Profile;

/* For up to max_batch images at a time. Takes the running statistics as they are now; keeps graph
 * and pool, which must outlive it. NULL on failure. */
Infer *infer_new(const Graph *graph, int max_batch, Pool *pool, Kernels *kernels, Err *err);
void infer_free(Infer *infer); /* NULL is fine */

/* embedding[n,d] of rgb[n,h,w,3], not normalised; mirror: of the images with left and right
 * swapped. 0 <= n <= max_batch. embedding may be NULL when infer_output() is asked instead. */
void infer_run(Infer *infer, real *embedding, const uint8_t *rgb, int n, bool mirror);

/* The numbers of graph->output[output] after a run, [n,oh,ow,o] of that node; they last until the
 * next one. */
const real *infer_output(const Infer *infer, int output);

/* From now on adds its times to a profile of the same graph and pool; NULL: no more. */
void infer_profile(Infer *infer, Profile *profile);

API_END

#endif
