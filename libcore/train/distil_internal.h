/* Distillation: a term of the loss that draws embeddings to those of a teacher. With u and t the
 * embeddings of length 1:
 *
 *     cos   mean over the rows of 1 - u t
 *     mse   mean over the rows and dimensions of (u - t)^2
 *     rkd   25 mean h(d(u)_ij - d(t)_ij) + 50 mean h(a(u)_ijk - a(t)_ijk)
 *
 * the last being Relational Knowledge Distillation (Park et al., CVPR 2019): d_ij is the distance
 * of two rows by the mean of those above 0, a_ijk the cosine of the angle at row j between rows i
 * and k, h(x) = x^2 / 2 where |x| < 1, else |x| - 1/2, and the means are over all n^2 and n^3. It
 * compares the batch with itself, so the teacher may have any number of dimensions. */
#ifndef TRAIN_DISTIL_INTERNAL_H
#define TRAIN_DISTIL_INTERNAL_H

#include "base/pool.h"
#include "train/training.h"

typedef struct Distil Distil;

/* For batches of up to `batch` embeddings of d numbers. NULL on failure: a teacher of other
 * dimensions, where the term compares numbers, is one. */
Distil *distil_new(const TrainingDistil *config, int batch, int d, Err *err);
void distil_free(Distil *distil); /* NULL is fine */
size_t distil_memory(const TrainingDistil *config, int batch, int d);

/* Returns the term for the embeddings x[n,d], and adds weight times its gradient to dx[n,d]. */
double distil_add(Distil *distil, real *dx, const real *x, const float *teacher, int n, Pool *pool);

#endif
