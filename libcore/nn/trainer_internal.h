/* Training a graph: forward and backward over a batch, with all memory allocated beforehand.
 *
 * The result depends on the images and their order and on nothing else: not on the number of
 * threads, not on max_batch. The batch is cut into a fixed number of slices; each sums its share
 * of the weight gradients and of batch norm's statistics, and the shares are added in order. */
#ifndef NN_TRAINER_INTERNAL_H
#define NN_TRAINER_INTERNAL_H

#include "base/pool.h"
#include "nn/graph.h"
#include "nn/profile_internal.h"
#include "product/kernels.h"

typedef struct Trainer Trainer;

/* For batches of up to max_batch images. Keeps graph and pool, which must outlive it. NULL on
 * failure. */
Trainer *trainer_new(Graph *graph, int max_batch, Pool *pool, Kernels *kernels, Err *err);
void trainer_free(Trainer *trainer); /* NULL is fine */

/* The embeddings [n,d] of rgb[n,size,size,3] with batch norm in training mode, which also moves
 * the graph's running statistics. 1 <= n <= max_batch; with n = 1 a norm behind a linear layer has
 * no variance, so train with two or more. The result belongs to the trainer and is valid, like rgb
 * must be, until the next call of trainer_backward returns. */
const real *trainer_forward(Trainer *trainer, const uint8_t *rgb, int n);

/* What the forward passes from now on drop, where the graph has dropout: a function of seed, step
 * and the number of the row in the whole batch, whose rows from `first` on the trainer gets.
 * Without this nothing is dropped. */
void trainer_drop(Trainer *trainer, uint64_t seed, uint64_t step, int first);

/* From now on batch norm goes by its running statistics, which stay. */
void trainer_freeze_norms(Trainer *trainer);

/* Adds to the gradients, given the loss's gradient gradient[n,d] in the embeddings of the last
 * trainer_forward. Once after each forward at most. */
void trainer_backward(Trainer *trainer, const real *gradient);

/* The gradients, laid out like graph->values. Frozen parameters get theirs too. */
real *trainer_gradients(Trainer *trainer);
void trainer_zero(Trainer *trainer); /* sets them to 0 */

/* After numbers that are not finite: name = the layer where they first are, and what they are
 * there: "weights" (or running statistics), "activations" or, after a backward pass, "gradients".
 * NULL where none is found. */
enum { TRAINER_FAULT = 128 };
const char *trainer_fault(char name[TRAINER_FAULT], const Trainer *trainer, bool backward);

/* Are all parameters and running statistics finite? */
bool trainer_sound(const Trainer *trainer);

/* From now on adds its times to a profile of the same graph and pool; NULL: no more. */
void trainer_profile(Trainer *trainer, Profile *profile);

/* What trainer_new() with this graph would allocate, in bytes. */
int trainer_memory(size_t *bytes, const Graph *graph, int max_batch, int threads, Kernels *kernels,
                   Err *err);

#endif
