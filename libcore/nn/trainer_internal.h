/* Training a graph: forward and backward over a batch, with all memory allocated beforehand.
 *
 * The result depends on the images, their order and the number of slices, and on nothing else: not
 * on the number of threads or processes, not on max_batch. The batch is cut into that many slices;
 * each sums its share of the weight gradients and of batch norm's statistics, and the shares are
 * added by a binary tree, ((0+1)+(2+3))+... A process works on an aligned run of slices. Linear
 * layers are products of a slice's rows, but for the gradient of their weights, which is one
 * product over the batch, of whose rows each process computes a share. */
#ifndef NN_TRAINER_INTERNAL_H
#define NN_TRAINER_INTERNAL_H

#include "base/pool.h"
#include "comm/comm_internal.h"
#include "nn/graph.h"
#include "nn/profile_internal.h"
#include "product/kernels.h"

typedef struct Trainer Trainer;

/* For batches of up to `batch` images in all processes together, cut into `slices`: a power of two,
 * and at least as many as there are processes. */
enum { TRAINER_SLICES = 16, TRAINER_SLICES_MAX = 256 };
typedef struct TrainerShape {
    int batch, slices;
    Comm *comm; /* NULL: a process alone */
    int group;  /* slices over which batch norm takes its statistics: a power of two, or 0: all */
} TrainerShape;

/* Keeps graph, pool and comm, which must outlive it. NULL on failure. */
Trainer *trainer_new(Graph *graph, const TrainerShape *shape, Pool *pool, Kernels *kernels,
                     Err *err);
void trainer_free(Trainer *trainer); /* NULL is fine */

/* Which of a batch of n images this process works on: those from *first up to *end. */
void trainer_rows(int *first, int *end, const TrainerShape *shape, int n);

/* The embeddings [n,d] of rgb[n,size,size,3] with batch norm in training mode, which also moves
 * the graph's running statistics. Of rgb only this process's rows are read. 1 <= n <= batch; with n
 * = 1 a norm behind a linear layer has no variance, so train with two or more. The result belongs
 * to the trainer and is valid, like rgb must be, until the next call of trainer_backward returns.
 */
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

/* What the processes have cost so far: seconds and bytes of exchanges that the computation waits
 * for, of those beside it, and seconds that the backward pass waited for the latter at its end. */
typedef struct TrainerTraffic {
    double exchanging, beside, waiting;
    double exchanged, summed; /* bytes that this process sent */
} TrainerTraffic;

TrainerTraffic trainer_traffic(const Trainer *trainer);

/* What a step of so many passes over a part of the batch will cost: bytes and short exchanges. */
void trainer_predict(double *bytes, double *exchanges, const Trainer *trainer, int passes);

/* What trainer_new() with this graph would allocate, in bytes. */
int trainer_memory(size_t *bytes, const Graph *graph, const TrainerShape *shape, int threads,
                   Kernels *kernels, Err *err);

#endif
